"""The forms of keys and tokens that vendors hand out; each begins with a mark that its vendor reserves."""

from typing import NamedTuple

_BODY = r"[A-Za-z0-9_\-]"
_GITHUB = "GitHub, supported secret scanning patterns"
_GITLEAKS = "gitleaks, default rules"


class Form(NamedTuple):
    """What keys of these vendors look like, and where that is published."""

    vendors: str
    pattern: str
    source: str


# Artificial intelligence first: models, search, evaluation, vectors, agents.
_ARTIFICIAL_INTELLIGENCE = (
    Form(
        "OpenAI, Anthropic, OpenRouter, DeepSeek, Langfuse, Helicone", rf"sk-(?:[A-Za-z0-9]+-)*{_BODY}{{16,}}", _GITHUB
    ),
    Form("Langfuse (public)", rf"pk-lf-{_BODY}{{20,}}", "Langfuse, API keys"),
    Form("Google AI Studio, Gemini", rf"AQ\.Ab{_BODY}{{20,}}", "Google AI for Developers, API keys"),
    Form("Hugging Face", r"(?:hf|api_org)_[A-Za-z0-9_]{24,}", _GITHUB),
    Form("Groq, Fireworks, Replicate, Pinecone", r"(?:gsk|fw|r8|pcsk)_[A-Za-z0-9_]{24,}", _GITHUB),
    Form("Perplexity, xAI, NVIDIA", r"(?:pplx|xai|nvapi)-[A-Za-z0-9_\-]{24,}", _GITHUB),
    Form("Cerebras", r"csk-[a-z0-9]{24,}", "Cerebras Inference, API keys"),
    Form("Together AI", rf"tgp_v1_{_BODY}{{24,}}", "Together AI, API keys"),
    Form("Voyage AI", rf"pa-{_BODY}{{40,}}", "Voyage AI, API keys"),
    Form("Jina AI", r"jina_[A-Za-z0-9_]{24,}", "Jina AI, API keys"),
    Form("ElevenLabs, Novita", r"sk_[0-9a-zA-Z]{32,}", _GITHUB),
    Form("Tavily", rf"tvly-(?:dev-|prod-)?{_BODY}{{16,}}", "Tavily, API keys"),
    Form("Firecrawl", r"fc-[0-9a-f]{32,}", "Firecrawl, API keys"),
    Form("Brave Search", rf"BSA{_BODY}{{24,}}", "Brave Search API, keys"),
    Form("Apify", r"apify_api_[A-Za-z0-9]{24,}", _GITHUB),
    Form("Weights & Biases", r"wandb_v1_[A-Za-z0-9_]{24,}|local-[0-9a-f]{40}", "Weights & Biases, API keys"),
    Form("LangSmith", r"lsv2_(?:pt|sk)_[A-Za-z0-9_]{20,}|ls__[0-9a-f]{32,}", _GITHUB),
    Form("LlamaCloud", rf"llx-{_BODY}{{32,}}", "LlamaCloud, API keys"),
    Form("RunPod", r"rpa_[A-Z0-9]{32,}[A-Za-z0-9]*", "RunPod, API keys"),
    Form("Modal", r"a[ks]-[A-Za-z0-9]{22}", "Modal, tokens"),
    Form("E2B", r"(?:e2b|sk_e2b)_[0-9a-f]{40,}", "E2B, API keys"),
    Form("Browserbase", rf"bb_(?:live|test)_{_BODY}{{20,}}", "Browserbase, API keys"),
    Form("Turbopuffer", r"tpuf_[A-Za-z0-9]{24,}", "turbopuffer, API keys"),
    Form("Mem0", r"m0-[A-Za-z0-9]{32,}", "Mem0, API keys"),
    Form("Nomic", rf"nk-{_BODY}{{32,}}", "Nomic, API keys"),
    Form("Cursor", r"key_[0-9a-f]{60,}|crsr_[0-9a-f]{60,}", "Cursor, API keys"),
    Form("Zhipu", r"[0-9a-f]{32}\.[A-Za-z0-9]{16}", "Zhipu, API keys"),
    Form("Azure OpenAI, Azure AI", r"[A-Za-z0-9]{52}JQQJ9[9A-D][A-Za-z0-9]{20,}", _GITHUB),
    Form("Amazon Bedrock", r"(?:ABSK|bedrock-api-key-)[A-Za-z0-9+/]{60,}={0,2}", _GITHUB),
    Form("Vercel, AI Gateway", r"vc[aciprk]_[A-Za-z0-9]{24,}", _GITHUB),
    Form("Crucible Feedback", rf"cf_{_BODY}{{40,}}", "this project"),
)
_CLOUDS = (
    Form("Amazon Web Services (key ids)", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16,}", _GITHUB),
    Form("Google API", rf"AIza{_BODY}{{30,}}", _GITHUB),
    Form("Google OAuth", rf"ya29\.{_BODY}{{20,}}(?:\.{_BODY}+)*|GOCSPX-{_BODY}{{20,}}|1//0{_BODY}{{30,}}", _GITHUB),
    Form("Microsoft Entra ID", r"[A-Za-z0-9_~.\-]{3}[78]Q~[A-Za-z0-9_~.\-]{31,34}", _GITHUB),
    Form("Alibaba Cloud", r"LTAI[A-Za-z0-9]{16,}", _GITHUB),
    Form("Yandex Cloud", rf"AQVN{_BODY}{{35,}}|y0_{_BODY}{{50,}}|t1\.{_BODY}{{40,}}\.{_BODY}{{40,}}", _GITHUB),
    Form("DigitalOcean", r"do[opr]_v1_[0-9a-f]{40,}", _GITHUB),
    Form("Fly.io", r"fm[12][ar]?_[A-Za-z0-9+/=_\-]{40,}|fo1_[A-Za-z0-9_\-]{40,}", _GITHUB),
    Form("Heroku", rf"HRKU-{_BODY}{{30,}}", _GITHUB),
    Form("Netlify", r"nf[pcoub]_[A-Za-z0-9]{30,}", _GITHUB),
    Form("Render", r"rnd_[A-Za-z0-9]{24,}", "Render, API keys"),
    Form("Deno", r"dd[pow]_[A-Za-z0-9]{30,}", _GITHUB),
    Form("Cloudflare", r"v1\.0-[0-9a-f]{24}-[0-9a-f]{120,}|cf(?:ut|at|k)_[A-Za-z0-9_\-]{30,}", _GITHUB),
    Form("Pulumi", r"pul-[0-9a-f]{40,}", _GITHUB),
    Form("Terraform Cloud", rf"[A-Za-z0-9]{{14}}\.atlasv1\.{_BODY}{{50,}}", _GITHUB),
    Form("HashiCorp Vault", rf"hv[bsr]\.{_BODY}{{20,}}", _GITHUB),
    Form("1Password", rf"ops_eyJ{_BODY}{{40,}}", _GITHUB),
    Form("Doppler", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._\-]{30,}", _GITHUB),
    Form("Tailscale", r"tskey-[a-z]+-[A-Za-z0-9\-]{15,}", _GITHUB),
    Form("OpenShift", rf"sha256~{_BODY}{{40,}}", _GITLEAKS),
    Form("age", r"AGE-SECRET-KEY-1[0-9A-Z]{50,}", _GITLEAKS),
)
_DATA = (
    Form("Supabase", r"sb[ps]_[A-Za-z0-9_]{30,}|sb_(?:secret|publishable)_[A-Za-z0-9_\-]{20,}", _GITHUB),
    Form("Neon", r"napi_[a-z0-9]{32,}", _GITHUB),
    Form("PlanetScale", rf"pscale_(?:tkn|pw|oauth)_{_BODY}{{30,}}", _GITHUB),
    Form("Databricks", r"dapi[0-9a-f]{32,}(?:-[0-9])?", _GITHUB),
    Form("MongoDB Atlas", rf"mdb_sa_(?:sk|id)_{_BODY}{{24,}}", _GITHUB),
    Form("Xata", r"xau_[A-Za-z0-9]{30,}", "Xata, API keys"),
    Form("Aiven", rf"AVNS_{_BODY}{{16,}}", _GITHUB),
    Form("Elastic", rf"ess[ua]_{_BODY}{{30,}}", _GITHUB),
    Form("Airtable", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{60,}", _GITHUB),
    Form("Prefect", r"pn[ub]_[A-Za-z0-9]{30,}", _GITHUB),
)
_CODE = (
    Form("GitHub", r"gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}", _GITHUB),
    Form(
        "GitLab",
        rf"gl(?:pat|ptt|dt|rt|rtr|cbt|ft|soat|agent|imt|oas|wt)-{_BODY}{{16,}}(?:\.{_BODY}+)*",
        "GitLab, token prefixes",
    ),
    Form("Atlassian, Bitbucket", r"AT(?:ATT3|CTT3|BB)[A-Za-z0-9_\-=]{24,}", _GITHUB),
    Form("CircleCI", r"CCI(?:PAT|PRJ)_[A-Za-z0-9_]{20,}", _GITHUB),
    Form("Buildkite", r"bk(?:ua|aj|ct)_[A-Za-z0-9]{30,}", _GITHUB),
    Form("Sourcegraph", r"sg[pd]_(?:[0-9a-fA-F]{16}_|local_)?[0-9a-f]{40,}", _GITHUB),
    Form("SonarQube", r"sq[puag]_[0-9a-f]{40,}", _GITHUB),
    Form("JFrog", r"AKCp[A-Za-z0-9]{60,}", _GITHUB),
    Form("npm", r"npm_[A-Za-z0-9]{30,}", _GITHUB),
    Form("PyPI", rf"pypi-{_BODY}{{40,}}", _GITHUB),
    Form("RubyGems", r"rubygems_[0-9a-f]{40,}", _GITHUB),
    Form("crates.io", r"cio[A-Za-z0-9]{32}", _GITHUB),
    Form("NuGet", r"oy2[a-z0-9]{43}", _GITHUB),
    Form("Docker Hub", rf"dckr_(?:pat|oat)_{_BODY}{{20,}}", _GITHUB),
    Form("Postman", r"PMAK-[0-9a-f\-]{50,}", _GITHUB),
    Form("ReadMe", r"rdme_[a-z0-9]{60,}", _GITHUB),
    Form("Expo, Val Town, WakaTime", r"(?:vtwn|waka|expo)_[A-Za-z0-9\-]{24,}", _GITHUB),
    Form(
        "Linear, Notion, Figma",
        rf"lin_(?:api|oauth)_[A-Za-z0-9]{{30,}}|(?:ntn|secret)_[A-Za-z0-9]{{40,}}|fig[dor]_{_BODY}{{30,}}",
        _GITHUB,
    ),
    Form("Contentful, Typeform, Canva", rf"CFPAT-{_BODY}{{40,}}|tfp_{_BODY}{{40,}}|cnvca{_BODY}{{40,}}", _GITHUB),
    Form("LaunchDarkly", r"(?:sdk|api|mob)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", _GITHUB),
    Form("HubSpot", r"pat-(?:na|eu|ap)[0-9]-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", _GITHUB),
)
_MESSAGES = (
    Form("Slack", r"xox[abceoprs](?:\.xox[a-z])?-[A-Za-z0-9\-]{10,}|xapp-[A-Za-z0-9\-]{20,}", _GITHUB),
    Form("Slack (webhook)", r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_\-]{20,}", _GITHUB),
    Form("Discord (webhook)", rf"discord(?:app)?\.com/api/webhooks/[0-9]{{15,}}/{_BODY}{{20,}}", _GITHUB),
    Form("Discord (bot)", rf"[MNO][A-Za-z0-9_\-]{{22,27}}\.[A-Za-z0-9_\-]{{6}}\.{_BODY}{{25,}}", _GITHUB),
    Form("Telegram", rf"[0-9]{{8,10}}:AA{_BODY}{{30,}}", _GITHUB),
    Form("Twilio", r"(?:AC|SK)[0-9a-f]{32,}", _GITHUB),
    Form("SendGrid", rf"SG\.{_BODY}{{16,}}\.{_BODY}{{16,}}", _GITHUB),
    Form("Mailgun", r"(?:pub)?key-[0-9a-f]{32,}", _GITHUB),
    Form("Brevo", r"x(?:keysib|smtpsib)-[0-9a-f]{40,}(?:-[A-Za-z0-9]+)?", _GITHUB),
    Form("Mailchimp", r"[0-9a-f]{32}-us[0-9]{1,2}", _GITHUB),
    Form("MailerSend, Resend", r"mlsn\.[0-9a-f]{60,}|re_[A-Za-z0-9]{8}_[A-Za-z0-9]{16,}", _GITHUB),
    Form("Facebook, Instagram", r"EAA[A-Za-z0-9]{60,}", _GITLEAKS),
    Form("X, Twitter", r"A{21,22}[A-Za-z0-9%]{60,}", _GITLEAKS),
    Form("Dropbox", rf"sl\.(?:u\.)?{_BODY}{{100,}}", _GITHUB),
)
_MONEY_AND_WATCHING = (
    Form(
        "Stripe, Clerk",
        r"(?:sk|rk|pk)_(?:org_)?(?:live|test|prod)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/]{20,}={0,2}",
        _GITHUB,
    ),
    Form("Shopify", r"shp(?:at|ca|pa|ss|ua)_[0-9A-Fa-f]{32,}", _GITHUB),
    Form("Square", rf"sq0(?:atp|csp|idp)-{_BODY}{{20,}}|EAAA{_BODY}{{58,}}", _GITHUB),
    Form("Plaid", r"access-(?:sandbox|development|production)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", _GITHUB),
    Form(
        "Shippo, Duffel, EasyPost",
        rf"shippo_(?:live|test)_[0-9a-f]{{30,}}|duffel_(?:live|test)_{_BODY}{{40,}}|EZ[AT]K[A-Za-z0-9]{{50,}}",
        _GITHUB,
    ),
    Form("Flutterwave", r"FLW(?:SECK|PUBK)(?:_TEST)?-[0-9a-z]{12,}(?:-X)?", _GITHUB),
    Form("Polar", r"polar_(?:oat|pat|whs)_[A-Za-z0-9]{24,}", _GITHUB),
    Form("Sentry", r"sntry[su]_[A-Za-z0-9+/=_\-]{40,}", _GITHUB),
    Form("Grafana", r"gl(?:sa|c)_[A-Za-z0-9_+/=]{30,}", _GITHUB),
    Form("New Relic", r"NR(?:AK|JS|II|BR)-[A-Za-z0-9_\-]{19,}", _GITHUB),
    Form("PostHog", rf"ph[cxs]_{_BODY}{{30,}}", _GITHUB),
    Form("Dynatrace", r"dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{60,}", _GITHUB),
    Form("Rootly, Infracost", r"rootly_[0-9a-f]{60,}|ico-[A-Za-z0-9]{30,}", _GITHUB),
    Form("JSON Web Tokens", r"eyJ[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*){2,4}", "RFC 7519"),
)

FORMS = (*_ARTIFICIAL_INTELLIGENCE, *_CLOUDS, *_DATA, *_CODE, *_MESSAGES, *_MONEY_AND_WATCHING)
