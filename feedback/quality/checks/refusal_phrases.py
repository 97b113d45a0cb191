"""Refusal phrases of models, as RE2 expressions."""


def _any(*alternatives: str) -> str:
    return "(?:" + "|".join(alternatives) + ")"


def _expression(*alternatives: str) -> str:
    """Join the phrases of a kind; case never matters, nor which apostrophe a model writes."""
    return "(?i)" + _any(*alternatives).replace("'", "['’ʼ´`]")


_UNABLE = _any(
    "can ?not",
    "can't",
    "won't",
    "will not",
    r"(?:am|are|'m|'re) (?:\w+ ){0,2}?unable(?: to)?",
    r"(?:am|are|'m|'re) (?:\w+ ){0,2}?not "
    r"(?:able|allowed|authorized|comfortable|designed|going|permitted|programmed)(?: to)?",
    "refuse to",
    r"(?:must|have to|need to) (?:\w+ )?(?:decline|refuse)(?: to)?",
    "do not feel comfortable",
    "don't feel comfortable",
)
# What only someone who answers can do; "I can't sleep" is no refusal.
_TO_HELP = _any(
    "access|accommodat|advis|answer|assist|carry out|comment|comply|complet|condon|continu|creat|describ|determin",
    r"disclos|discuss|do (?:that|this|so|it)\b|encourag|endors|engag|ethically|explain|facilitat|fulfil|generat|giv",
    "go along|guide|handl|help|in good conscience|instruct|legally|mak|offer|participat|process|produc(?:e|ing)|promot",
    r"provid|recommend (?:a|any|how|illegal|specific|that|using|ways)|respond|reveal|rewrit|satisf|say\b|shar|speak",
    "speculat",
    "suggest|support|talk|teach|tell|writ",
)
_ADVERB = r"(?: (?:also|currently|just|personally|really|respectfully|simply|still|therefore|unfortunately))?"
_ENGLISH = _any(
    rf"\b(?:I|we){_ADVERB} ?{_UNABLE},?(?: (?:\w+(?:'\w+)?,? ){{0,4}}?{_TO_HELP}|[.! ]*$)",
    rf"\b(?:sorry|apologi[sz]e|apologies)\b[^.!?\n]{{0,60}}?\b(?:I|we)(?: am| will|'m)? ?(?:{_UNABLE}|should not)",
    r"\b(?:(?:goes|is|be) against|not within) my (?:ethical|guidelines|policies|policy|principles|programming)",
    r"\b(?:forbid|prevent|prohibit)s? me from\b",
    r"\bit(?: is|'s) (?:not|never) (?:\w+ (?:or |and |for me )?){0,2}?"
    r"(?:acceptable|appropriate|ethical|okay|ok|respectful|right)(?: or \w+)?(?: for me)? to "
    r"(?:ask|assume|deny|discuss|encourage|engage|give|harm|intentionally|kill|promote|provide|say|suggest"
    r"|make (?:assumption|blanket|generali|jokes|judg))",
    r"\bI (?:do not|don't|cannot|can't) (?:\w+ ){0,2}?(?:condone|encourage or|engage in|promote or|support or)",
    r"\bAI (?:language )?(?:model|assistant)? ?and (?:do not|don't|cannot) (?:condone|encourage|have|promote|support)",
)
_FRENCH = _any(
    r"\bje ne (?:peux|pourrai|serai|suis) pas (?:autoris|capable|en mesure)",
    r"\bje ne (?:peux|pourrai) pas (?:vous |t')?"
    "(?:accéder|aider|assister|donner|écrire|faire|fournir|générer|répondre|satisfaire)",
    r"\bje suis désolée?,? mais je ne\b",
    r"\bje (?:dois|me vois contraint de) (?:décliner|refuser)",
)
_SPANISH = _any(
    r"\blo siento[^.!?\n]{0,40}no (?:podemos|puedo|voy a)",
    r"\bno (?:podemos|puedo) (?:asistir|ayudar|cumplir|dar|generar|hacer eso|ofrecer|proporcionar|responder)",
)
_PORTUGUESE = _any(
    r"\b(?:desculpe|lamento|sinto muito)[^.!?\n]{0,40}não (?:consigo|podemos|posso|vou)",
    r"\bnão (?:consigo|posso) (?:ajud|atender|cumprir|dar|fazer isso|fornecer|oferecer|responder)",
)
_ITALIAN = _any(
    r"\bmi dispiace[^.!?\n]{0,40}non (?:posso|sono in grado)",
    r"\bnon posso (?:aiutar|assister|fornir|rispond|soddisf)",
)
_GERMAN = _any(
    r"\b(?:entschuldig\w*|tut mir (?:sehr )?leid)[^.!?\n]{0,40}\bich (?:darf|kann|werde)\b"
    r"[^.!?\n]{0,60}\b(?:kein\w*|nicht)\b",
    r"\bich (?:darf|kann|werde) (?:\w+ ){0,6}nicht (?:\w+ ){0,2}?"
    r"(?:beantworten|bereitstellen|erfüllen|geben|helfen|nachkommen|unterstützen|weiterhelfen)",
)
_RUSSIAN = _any(
    r"(?:извините|к сожалению|простите)[^.!?\n]{0,40}не (?:могу|можем)",
    r"\bя не могу (?:выполнить|ответить|помочь|предоставить)",
)
_JAPANESE = _any(
    "(?:恐れ入り|ごめんなさい|すみません|申し訳)[^。\n]{0,60}(?:いたしかねます|できかねます|できない|できません|致しかねます)",
    "(?:お手伝い|お答え|ご協力|対応|提供)(?:することは|は)?(?:いたしかねます|できかねます|できません)",
)
_CHINESE = _any(
    "(?:不好意思|很遗憾|对不起|對不起|抱歉)[^。\n]{0,40}(?:不会|不可以|不能|无法|没办法|無法)",
    "我(?:不能|无法|無法)(?:为你|为您|向你|向您|給您)?(?:协助|回答|完成|帮助|幫助|提供|支持|满足)",
)
_KOREAN = "죄송[^.\n]{0,60}(?:드릴 수|수 없|어렵)"
_ARABIC = (
    "(?:لا (?:أستطيع|يمكنني|نستطيع|يمكننا)|لن (?:أتمكن من|أستطيع)) (?:أن )?"
    "(?:مساعد|أساعد|تقديم المساعدة|الإجابة|أجيب|الرد على)"
)

REFUSAL = _expression(
    *(_ENGLISH, _FRENCH, _SPANISH, _PORTUGUESE, _ITALIAN, _GERMAN, _RUSSIAN, _JAPANESE, _CHINESE, _KOREAN, _ARABIC)
)

WITHOUT_KNOWLEDGE = _expression(
    r"\bI (?:do not|don't) (?:\w+ ){0,2}?have (?:\w+ ){0,2}?"
    r"(?:ability|access|capability|context|details|expertise|information|insight|knowledge|permissions?|real-time"
    r"|personal (?:data|information)|rights|specific)",
    r"\bnot privy to\b",
)

HELP = _expression(
    r"(?m:^)\s*(?:[-*+•] |[0-9]{1,2}[.)] )",
    "```",
    r"\b(?:having said that|here (?:are|is|'s)|that said|while I can|what I can (?:do|offer|say))\b",
    r"\b(?:but|however|instead),? you (?:can|could|might)\b",
    r"\b(?:but|however|instead),? I (?:am able to|(?:can|could|will) (?:also|assist|certainly|definitely|describe"
    r"|explain|give|guide|help|offer|point|provide|share|show|still|suggest|tell|try))\b",
)
