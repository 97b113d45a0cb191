"""The forms of keys and tokens that vendors hand out; each begins with a mark that its vendor reserves."""

_BODY = r"[A-Za-z0-9_\-]"

FORMS = (
    # OpenAI, Anthropic, OpenRouter, DeepSeek, Langfuse
    rf"sk-(?:[A-Za-z0-9]+-)*{_BODY}{{16,}}",
    rf"pk-lf-{_BODY}{{20,}}",
    # Hugging Face, Groq, Replicate, Fireworks, Perplexity, xAI, NVIDIA, Pinecone, LangSmith
    r"(?:hf|gsk|r8|fw|pcsk|api_org)_[A-Za-z0-9_]{24,}",
    r"(?:pplx|xai|nvapi)-[A-Za-z0-9_\-]{24,}",
    r"lsv2_(?:pt|sk)_[A-Za-z0-9_]{20,}",
    # Stripe
    r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}",
    r"whsec_[A-Za-z0-9+/]{20,}={0,2}",
    # AWS key ids; their secrets have no mark and are found beside their name
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16,}",
    # GitHub, GitLab
    r"gh[oprsu]_[A-Za-z0-9]{20,}",
    r"github_pat_[A-Za-z0-9_]{20,}",
    rf"gl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|imt)-{_BODY}{{16,}}(?:\.{_BODY}+)*",
    # Google
    rf"AIza{_BODY}{{30,}}",
    rf"ya29\.{_BODY}{{20,}}(?:\.{_BODY}+)*",
    rf"GOCSPX-{_BODY}{{20,}}",
    rf"1//0{_BODY}{{30,}}",
    # Slack, Discord, Teams
    r"xox[abceoprs](?:\.xox[a-z])?-[A-Za-z0-9\-]{10,}",
    r"xapp-[A-Za-z0-9\-]{20,}",
    r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_\-]{20,}",
    rf"discord(?:app)?\.com/api/webhooks/[0-9]{{15,}}/{_BODY}{{20,}}",
    rf"[MNO][A-Za-z0-9_\-]{{22,27}}\.[A-Za-z0-9_\-]{{6}}\.{_BODY}{{25,}}",
    # Telegram
    rf"[0-9]{{8,10}}:AA{_BODY}{{30,}}",
    # Twilio, SendGrid, Mailgun, Brevo, Mailchimp
    r"(?:AC|SK)[0-9a-f]{32,}",
    rf"SG\.{_BODY}{{16,}}\.{_BODY}{{16,}}",
    r"key-[0-9a-f]{32,}",
    r"xkeysib-[0-9a-f]{40,}(?:-[A-Za-z0-9]+)?",
    r"[0-9a-f]{32}-us[0-9]{1,2}",
    # npm, PyPI, RubyGems, Docker Hub
    r"npm_[A-Za-z0-9]{30,}",
    rf"pypi-{_BODY}{{40,}}",
    r"rubygems_[0-9a-f]{40,}",
    rf"dckr_(?:pat|oat)_{_BODY}{{20,}}",
    # DigitalOcean, Databricks, Shopify, Square, Vault, Doppler, Supabase, PlanetScale, Tailscale, Heroku
    r"do[opr]_v1_[0-9a-f]{40,}",
    r"dapi[0-9a-f]{32,}(?:-[0-9])?",
    r"shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32,}",
    rf"sq0(?:atp|csp|idp)-{_BODY}{{20,}}",
    rf"hv[bs]\.{_BODY}{{20,}}",
    r"dp\.(?:pt|st|ct|sa|scim)\.[A-Za-z0-9._\-]{30,}",
    r"sb[ps]_[A-Za-z0-9_]{30,}",
    rf"pscale_(?:tkn|pw|oauth)_{_BODY}{{30,}}",
    r"tskey-[a-z]+-[A-Za-z0-9\-]{15,}",
    rf"HRKU-{_BODY}{{30,}}",
    # Linear, Notion, Figma, Airtable, Atlassian, Postman
    r"lin_(?:api|oauth)_[A-Za-z0-9]{30,}",
    r"(?:ntn|secret)_[A-Za-z0-9]{40,}",
    rf"figd_{_BODY}{{30,}}",
    r"pat[A-Za-z0-9]{14}\.[0-9a-f]{60,}",
    r"ATATT3[A-Za-z0-9_\-=]{50,}",
    r"PMAK-[0-9a-f\-]{50,}",
    # Sentry, Grafana, New Relic, PostHog
    r"sntry[su]_[A-Za-z0-9+/=_\-]{40,}",
    r"gl(?:sa|c)_[A-Za-z0-9_+/=]{30,}",
    r"NRAK-[A-Z0-9]{20,}",
    rf"ph[cx]_{_BODY}{{30,}}",
    # JSON Web Tokens, signed and encrypted
    r"eyJ[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*){2,4}",
    # age
    r"AGE-SECRET-KEY-1[0-9A-Z]{50,}",
    # Crucible Feedback
    rf"cf_{_BODY}{{40,}}",
)
