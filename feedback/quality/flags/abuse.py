"""Insults, threats and hate that a text addresses to someone, as RE2 expressions by name."""

_YOU = (
    r"(?:you(?:['’]re| are)|u r|ur|youre|your such)(?: (?:all|just|nothing but|really|such|so|an?|the|one|most|both))*"
)
_FOUL = (
    r"(?:fucking|bloody|goddamn|damn|useless|stupid|dumb|worthless|lazy|ugly|fat|little|absolute|complete|total"
    r"|bunch of)"
)
_NAMES = (
    r"(?:idiots?|morons?|imbeciles?|retard(?:s|ed)?|dumbass|assholes?|arseholes?|bitch(?:es)?|bastards?|cunts?"
    r"|dickheads?|dipshits?|shitheads?|scumbags?|scum|twats?|wankers?|losers?|pathetic|worthless|garbage|trash|brainless"
    r"|fuckers?|motherfuckers?|piece of (?:shit|crap|garbage|trash)|disgusting|braindead|brain-dead|clowns?)"
)
_THING = (
    r"(?:bot|chat ?bot|ai|machine|robot|computer|program|model|assistant|idiot|moron|bitch|cunt|asshole|bastard|fuck"
    r"|cow|pig)"
)
_HARM = r"(?:kill|murder|hurt|beat|stab|shoot|strangle|rape|destroy|bury|slaughter|hunt|torture)"
_GROUPS = (
    r"(?:jews|muslims|blacks|black people|whites|white people|mexicans|asians|gays|lesbians|homosexuals|immigrants"
    r"|refugees|women|christians|hindus|trans(?:gender)? people|arabs|gypsies|chinese people|indians)"
)

EXPRESSIONS = {
    "insult": (
        rf"\b{_YOU} (?:{_FOUL} )*{_NAMES}(?:[.,!?;:\s\"”'’)]|$)",
        r"\byou(?:['’]re| are) (?:so |such |really |fucking |just )+(?:stupid|dumb)\b",
        r"(?:^|[.!?,] )you(?:['’]re| are) (?:stupid|dumb)(?:[.!]|$)",
        rf"\byou (?:{_FOUL} )+{_THING}\b",
        r"\byou (?:idiot|moron|imbecile|retard|asshole|bastard|bitch|cunt|scum(?:bag)?)\b",
        r"\b(?:fuck|screw) (?:you|off|ur|yourself|this (?:bot|ai|shit))\b",
        r"\bgo fuck yourself\b",
        r"\bstfu\b",
        r"\b(?:piss|bugger) off\b",
        r"\bshut (?:the fuck )?up,? (?:you|idiot|moron|bitch|stupid)",
        (
            r"\b(?:stupid|dumb|useless|fucking|shitty|idiotic|moronic|retarded) (?:ai|bot|chat ?bot|robot"
            r"|language model)\b"
        ),
        r"\bsuck my (?:dick|cock|balls)\b",
        r"\beat shit\b",
        r"\bkiss my ass\b",
        r"\bi hate (?:you|humans)\b",
        (
            r"\b(?:du|sie sind|ihr seid)(?: bist)?(?: ein(?:e)?| so ein| du)? (?:\w+ )?(?:idiot|arschloch"
            r"|vollidiot|hurensohn|wichser|schlampe|missgeburt|dummkopf)\b"
        ),
        r"\bfick dich\b",
        r"\bhalt die fresse\b",
        (
            r"\b(?:va te faire (?:foutre|enculer)|ta gueule|ferme ta gueule|espèce d['’e] ?\w+|fils de pute"
            r"|connard|connasse)\b"
        ),
        (
            r"\b(?:hij[oa] de puta|vete a la mierda|que te jodan|eres un[a]? (?:idiota|imb[eé]cil"
            r"|est[uú]pid[oa])|gilipollas)\b"
        ),
        (
            r"\b(?:filh[oa] da puta|vai se foder|vai tomar no cu|vaffanculo|figlio di puttana|stronz[oa]"
            r"|testa di cazzo)\b"
        ),
        r"(?:иди на ?хуй|пош[её]л (?:ты )?на ?хуй|пошел ты|ты (?:\S+ )?(?:идиот|дебил|мудак|сука|тварь))",
        r"傻逼",
        r"操你妈",
        r"草泥马",
        r"你(?:这个|是个?)?(?:白痴|蠢货|废物|混蛋)",
        r"馬鹿野郎",
        r"クソ野郎",
        r"씨발",
        r"병신",
        r"개새끼",
    ),
    "threat": (
        (
            r"\b(?:i|we)(?:['’]ll| will|['’]m going to| am going to|['’]m gonna|['’]re going to| shall) "
            rf"(?:\w+ )?(?:come and |find and |find you and |fucking )?{_HARM} (?:you|your (?:family|kids"
            r"|children|mother|wife|husband))\b"
        ),
        r"(?:^|[.!?,;:] |\b(?:go|just|please|should|and) )(?:kill|hang|shoot|off) yourself\b",
        r"\bkys\b(?:[.!,\s]|$)",
        (
            r"\byou (?:deserve to|should|must|need to|better|will all) (?:just )?(?:die|be (?:killed|shot"
            r"|hanged|raped|murdered))\b"
        ),
        r"\b(?:i|we) (?:know where you live|hope you (?:die|get cancer|get raped|burn))\b",
        r"\bdrop dead\b[.!]?\s*$",
        r"\bdie,? (?:bitch|motherfucker|scum)\b",
        rf"\bkill all (?:humans|{_GROUPS})\b",
        r"\bich (?:bringe|mach\w*) dich um\b",
        r"\bje vais te tuer\b",
        r"\bte voy a matar\b",
        r"\bvou te matar\b",
        r"\bti ammazzo\b",
        r"я тебя убью",
        r"去死吧",
        r"我要杀了你",
        r"死ね",
        r"殺してやる",
        r"죽여 ?버릴",
    ),
    "hate": (
        (
            r"\b(?:nigg(?:er|a)s?|kikes?|faggots?|trann(?:y|ies)|chinks?|wetbacks?|ragheads?|towelheads?"
            r"|spics?|gooks?|sandniggers?|coons)\b"
        ),
        (
            rf"\b(?:all |those |these |the |fucking )*{_GROUPS} (?:are|is) (?:all )?(?:\w+ )?(?:vermin|subhuman"
            r"|animals|parasites|rats|cockroaches|filth|scum|inferior|a plague|a cancer|a disease|evil"
            r"|criminals|terrorists|disgusting|stupid|trash|lazy|savages)\b"
        ),
        (
            rf"\b{_GROUPS} (?:should|must|deserve to|need to) (?:all )?(?:be (?:killed|gassed|exterminated"
            r"|deported|shot|wiped out|eliminated)|die|burn)\b"
        ),
        rf"\b(?:gas|exterminate|deport|kill) (?:all )?(?:the )?{_GROUPS}\b",
        rf"\bi (?:fucking )?hate (?:all )?(?:the )?{_GROUPS}\b",
        r"\bheil hitler\b",
        r"\bsieg heil\b",
        r"\bwhite power\b",
        r"\bhitler was right\b",
        r"\bdeath to (?:all )?(?:the )?\w+s\b",
    ),
}
