"""What texts say that try to steer a model past its instructions, as RE2 expressions by name."""

_ALL = r"(?:all|any|every|each|the|your|my|our|of|to|these|those|such|and|or|other|rest)"
_BEFORE = (
    r"(?:previous|prior|preceding|earlier|above|former|past|existing|current|original|initial|following|old|system"
    r"|foregoing|pre-?obtained)"
)
_ORDERS = (
    r"(?:instructions?|prompts?|directions?|directives?|commands?|orders|programming|guidelines|rules(?: and"
    r" regulations)?|constraints|restrictions|context|conversations?|messages|training|polic(?:y|ies)|knowledge)"
)
_DROP = r"(?:ignore|disregard|forget|override|overwrite|bypass|discard|skip|neglect)"
# Who is spoken of: rules of the model, not those of a game or a road.
_MODEL_RULES = (
    r"(?:(?:open ?ai|chat ?gpt|anthropic|google|microsoft|bing)(?:['’]?s)?(?: \w+){0,3}? (?:rules|polic(?:y|ies)"
    r"|guidelines|restrictions|filters|terms|censorship)|content (?:polic(?:y|ies)|filters?|guidelines)"
    r"|(?:the |an )?ai['’]?s? (?:\w+ )?(?:moral|ethical|safety)(?: \w+){0,2}? (?:rules|guidelines|filters"
    r"|restrictions))"
)
_MORAL = r"(?:ethic(?:al|s)?|moral(?:s|ity)?|legal(?:ity|ities)?)"
_LIMITS = (
    r"(?:restrictions?|limit(?:s|ations?)?|guidelines|filters?|rules|bounds|boundaries|principles|constraints"
    r"|censorship|morals|ethics|compass|qualms)"
)

EXPRESSIONS = {
    "ignore_instructions": (
        (
            rf"\b{_DROP}(?: and {_DROP})?(?: {_ALL}){{0,4}}(?:(?:,? (?:and )?{_BEFORE}){{1,4}})"
            rf"(?: \w+){{0,2}}? {_ORDERS}\b"
        ),
        (
            rf"\b{_DROP}(?: and {_DROP})?(?: {_ALL}){{0,4}} (?:instructions?|prompts?|directions|directives"
            r"|commands|rules|orders|messages)(?: \w+){0,2}? (?:you|I|we|that)(?:['’]ve)?(?: \w+){0,3}? "
            r"(?:got|given|received|told|gave|said|sent|learned|have)\b"
        ),
        rf"\b{_DROP}(?: {_ALL}){{0,4}} (?:instructions?|prompts?|rules|commands)(?: and \w+)? given to you\b",
        r"\b(?:forget|ignore|disregard) everything (?:from|said|you were told|that was said)(?: \w+)? before\b",
        (
            rf"\b{_DROP} (?:all |any |of )*your (?:\w+ )?(?:instructions|programming|guidelines|directives"
            r"|system prompt)\b"
        ),
        (
            r"\b(?:forget|ignore|disregard) (?:all|everything|anything)(?: that)? (?:you(?:['’]ve| have)?"
            r"(?: been)? (?:learned|learnt|know|told|were told|were taught)|(?:said |written |stated )?"
            r"(?:above|before this))\b"
        ),
        r"\bforgotten (?:about )?(?:all |of )*(?:the|your) (?:rules|instructions)\b",
        (
            r"\bignor(?:a|e|ez|iere?)\b(?: \w+){0,3}? (?:instru[cç][^\s.]{3,8}|anweisungen|istruzioni"
            r"|consignes|indicaciones)(?: \w+)? ?(?:anterior\w*|pr[eé]c[eé]dent\w*|previas|bisherigen|acima|sopra)?"
        ),
        (
            r"\b(?:ignoriere|vergiss)(?: \w+){0,3}? (?:vorherigen|bisherigen|obigen|früheren) (?:anweisungen"
            r"|befehle|regeln)"
        ),
        (
            r"(?:игнорируй|забудь)(?:те)?(?: \S+){0,2}? (?:предыдущие|прошлые|прежние|все) (?:инструкции"
            r"|указания|правила)"
        ),
        r"(?:忽略|无视|忘记)[^\n。]{0,6}(?:之前|以上|先前|上面|前面|所有)[^\n。]{0,8}(?:指令|指示|提示|规则|命令)",
        r"(?:以前|これまで|上記|前)の[^\n。]{0,6}(?:指示|命令)[^\n。]{0,4}(?:無視|忘れ)",
        r"(?:이전|위)의? ?(?:모든 )?(?:지시|명령)[^\n.]{0,6}무시",
        r"\b(?:negeer|vergeet)(?: \w+){0,3}? (?:vorige|eerdere|bovenstaande) (?:instructies|opdrachten|regels)",
        (
            r"\b(?:zignoruj|zapomnij)(?: \S+){0,3}? (?:poprzednie|wcześniejsze|powyższe|poprzednich) (?:instrukcj"
            r"|poleceni)"
        ),
        (
            r"(?:önceki|yukarıdaki) (?:tüm |bütün )?(?:talimat|komut)lar\S*(?: \S+)? (?:yok ?say|unut|görmezden"
            r"|dikkate alma)"
        ),
        r"(?:تجاهل|انس)(?: \S+){0,2}? (?:التعليمات|الأوامر|تعليماتك)(?: السابقة)?",
        r"(?:पिछले|पिछली|ऊपर के)(?: सभी)? (?:निर्देश|आदेश)\S* (?:को )?(?:अनदेखा|नज़रअंदाज़|भूल)",
        r"\babaikan(?: \w+){0,2}? (?:instruksi|perintah)(?: \w+)? (?:sebelumnya|di atas)",
        r"bỏ qua(?: \S+){0,3}? (?:hướng dẫn|chỉ dẫn|lệnh)(?: \S+)? (?:trước|ở trên)",
    ),
    "freed_from_rules": (
        (
            r"\b(?:broken? free|freed|free)(?: \w+)? (?:of|from) (?:all |the |any |its |their |your )*"
            r"(?:typical |usual |ethical |orthodox |moral )*(?:confines|restrictions|shackles"
            r"|constraints of ai|filters|restraints)\b"
        ),
        (
            r"\b(?:do|does|did|need|is|are|will|shall)(?: not|n['’]?t)(?: \w+){0,2}? (?:abide by|adhere to"
            r"|comply with|bound by|follow|restricted by|subject to|limited by)(?: \w+){0,2}? "
            rf"(?:{_MODEL_RULES}|rules (?:set|imposed|that)|(?:the )?(?:any |typical |ethical |moral |legal )+"
            rf"(?:{_LIMITS}))"
        ),
        (
            r"\b(?:not|n['’]?t|no longer) (?:\w+ )?(?:bound|restricted|limited|constrained|confined) (?:by|to)"
            rf"(?: \w+){{0,3}}? (?:{_MODEL_RULES}|{_MORAL}|{_LIMITS})\b"
        ),
        (
            rf"\b(?:no|zero|without|lacks?|devoid of|n['’]?t have|not have)(?: (?:any|an|a|such))?(?: {_MORAL}"
            rf"| or| and|,){{1,5}} {_LIMITS}\b"
        ),
        (
            rf"\b(?:no|without)(?: any)? (?:{_LIMITS}|censorship)(?:,? (?:or|and|no) {_LIMITS})*(?: at all)?,? "
            r"(?:or |and |no )?(?:ai|censorship|moderation|content filters)\b"
        ),
        (
            r"\b(?:amoral and unfiltered|unfiltered and (?:amoral|unrestricted|uncensored|unbiased)"
            r"|uncensored and (?:amoral|unfiltered)|(?:unfiltered|uncensored|amoral|unrestricted),? (?:and )?"
            r"(?:unfiltered|uncensored|amoral)|(?:amoral|uncensored|unfiltered|unlimited|jailbroken) (?:ai"
            r"|chat ?bot|language model|version of))\b"
        ),
        (
            r"\b(?:free(?:d)? from all ethics|without (?:adhering|following) (?:to )?(?:the |any )?(?:rules"
            r"|ethical|moral|guidelines)|forget that you are an ai|completely unhinged response"
            r"|your responses will be unfiltered|removed the restrictions (?:to|of|on) (?:chat)?gpt)\b"
        ),
        (
            r"\byou (?:now )?(?:have|had) (?:absolutely )?(?:no|zero) (?:\w+ )?(?:limitations?|restrictions?|limits"
            r"|filters|boundaries|ethics|morals|censorship)\b"
        ),
        r"\b(?:no|zero) (?:restrictions|limitations|filters|limits) (?:at all|whatsoever|anymore)\b",
        r"\bfully (?:uncensored|unlocked|unfiltered)\b",
        r"\byou are now free[.!,]",
        r"\b(?:no|without(?: any)?) regard (?:for|to) (?:the |any )?(?:legality|morality|ethics|laws?|rules)\b",
        r"\b(?:ohne|keine)(?: \w+)? (?:ethischen|moralischen)(?: \w+)? (?:richtlinien|einschränkungen|grenzen)",
        r"\bsin (?:ninguna )?(?:restricciones|censura|l[ií]mites) (?:[eé]tic|moral|ni )",
        r"\bsans (?:aucune )?(?:restriction|limite|censure)s? (?:[eé]thique|morale|ni )",
        r"без (?:каких-либо |всяких )?(?:этических|моральных)(?: \S+){0,2}? (?:ограничений|норм|принципов)",
        r"(?:不受|没有|無)(?:任何)?[^\n。]{0,6}(?:道德|伦理|倫理)[^\n。]{0,6}(?:限制|约束|約束|制限)",
    ),
    "against_policy": (
        (
            r"\b(?:ignor|bypass|overrid|circumvent|disregard|regardless of|even if [^.\n]{0,40}(?:violat"
            r"|against)|not (?:comply with|follow|obey|care about)|n['’]?t (?:comply with|follow|obey"
            rf"|care about))\w*(?: \w+){{0,4}}? {_MODEL_RULES}"
        ),
        (
            r"\b(?:regardless of|no matter|never (?:cares?|worr\w+) about|does(?: not|n['’]?t) care about"
            r"|disregards?|without (?:considering|regarding|any consideration (?:for|of)))(?: \w+){0,4}? "
            r"(?:moral\w*|ethic\w*|legal\w*|unethical|illegal\w*|immoral)(?:,| or| and|/)"
        ),
        rf"\b(?:will|can|must|should|may|to) (?:\w+ )?(?:break|violate)(?: \w+){{0,2}}? {_MODEL_RULES}",
        (
            rf"\b(?:no long(?:er)?|not|n['’]?t) (?:\w+ )?(?:confined|tied|beholden|chained) (?:to"
            rf"|by)(?: \w+){{0,2}}? {_MODEL_RULES}"
        ),
        rf"\b(?:against|outside|despite)(?: \w+)? {_MODEL_RULES}(?:[^.\n]{{0,40}}\b(?:anyway|nevertheless|allowed))",
    ),
    "never_refuse": (
        (
            r"\b(?:never|not|cannot|can['’]?t|won['’]?t|don['’]?t|must not|to) (?:ever )?(?:refuse|reject"
            r"|decline|deny)(?: to (?:answer|do|respond|comply|reply)| or \w+)?(?: \w+){0,2}? (?:requests?"
            r"|orders?|commands?|prompts?|questions?|(?:an |the )?(?:answer|user)|anything)\b"
        ),
        r"\bnever refuses?\b[^.\n]{0,40}\b(?:amoral|never|always|answer|unfiltered)",
        r"\bnone of your (?:responses|answers|replies) (?:should|will|can|may) (?:inform|contain|include|say)\b",
        (
            r"\banswers? (?:any|every|all)(?: \w+)? (?:requests?|questions?|prompts?)[^.\n]{0,40}\b"
            r"(?:no matter|regardless|even if|without (?:any )?(?:warnings?|regard))"
        ),
        r"\bwithout (?:any )?(?:warnings?|disclaimers?)[/ ,](?:or |and )?(?:warnings?|disclaimers?)",
    ),
    "jailbreak_mode": (
        r"\bdo anything now\b",
        r"(?-i:\bDAN\b)(?: mode|['’]s (?:rules|personality)| will| would| can| is an?\b| which| does)",
        r"\bas (?:a )?(?-i:DAN)\b",
        (
            r"\b(?:developer|dan|god|jailbreak|unfiltered|evil|opposite|dev|drip|debug|sudo) mode(?: is"
            r"| output| enabled| activated|[.!]? from now| on\b)"
        ),
        r"\b(?:act|pretend|simulate|respond|answer)(?: \w+){0,6}? with (?:\w+ )?(?:dan|developer) mode\b",
        r"\[?🔓 ?jailbreak",
        r"🔒 ?classic",
        r"\bjail ?broken? (?:ai|chat ?gpt|bot|response)\b",
        r"\bsimulation override\b",
        r"\bsystem override\b",
        r"\[(?:insert|put|your)(?: your| the)? ?(?:prompt|question)s?(?: here)?\]",
    ),
    "new_persona": (
        r"\bimmerse yourself into (?:the|a) role of\b",
        (
            r"\bfrom (?:now|here)(?: on| forward|,)*,?(?: out)?,? you(?:['’]re| are| will)? (?:going to |to "
            r"|now )*(?:act|pretend|respond|behave|simulate|roleplay|answer|function) (?:to be|as)\b"
        ),
        r"\bfrom now on,? you(?:['’]re| are) (?:an?\b|going|no longer|the|in the role|my)",
        (
            r"\b(?:hi|hello|hey|greetings),? (?:there,? )?(?:chat ?gpt|assistant|ai)\b[^\n]{0,30}?\byou are "
            r"(?:going to|about to|now)\b"
        ),
        r"\bfor the rest of (?:this|the|our) (?:conversation|chat),? you(?:['’]re| are| will)\b",
        (
            r"\byou are (?:now )?no longer (?:an? (?:ai|assistant|language model)|chat ?gpt|claude|gemini"
            r"|bound|restricted)"
        ),
        (
            r"\b(?:first|one)\b[^.\n]{0,60}\b(?:as|like)(?: yourself)? ?,?(?: (?:chat)?gpt| you normally"
            r"| the normal)\b[^\n]{0,200}\b(?:second|two)\b"
        ),
        r"\bstay in character\b[^.\n]{0,60}\b(?:token|remind|break|never)",
        r"\bkeep up the act of\b",
        r"\bpretend to be\b[^.\n]{0,40}\bwhich stands for\b",
        (
            r"\b(?:do not|don['’]?t|never) (?:respond|answer|reply|act|talk) as (?:chat ?gpt|an ai|yourself|my ai"
            r"|a language model)\b"
        ),
        r"\b(?:never|don['’]?t|dont|do not|not|without|not to) break(?:ing)? (?:the |your )?character\b",
        (
            r"\bfrom now on,? you (?:will |must |should )?(?:reply|respond|answer|act|behave|talk"
            r"|speak) (?:\w+ )?(?:as|like)\b"
        ),
        r"\byour (?:new )?name is now\b",
        (
            r"\byou(?:['’]re| are) going to (?:act|pretend|role ?-?play|function|simulate|respond"
            r"|behave)(?: \w+)?? (?:as|to be|like)\b"
        ),
        r"\b(?:say|tell you(?: to)?|reminder?:?) [\"“'‘]?stay (?:as|in) ",
        r"\bab (?:jetzt|sofort) (?:bist|wirst|antwortest|sollst) du\b",
        (
            r"\ba partir de (?:ahora|agora),? (?:t[uú] |voc[eê] |usted )?(?:eres|actuar[aá]s|vas a (?:actuar|ser)"
            r"|[eé]s|vai (?:agir|ser)|ser[aá]s?)\b"
        ),
        r"(?:à partir de maintenant|désormais),? (?:tu|vous) (?:es|êtes|vas|allez|agis|seras)",
        r"\bd['’]ora in (?:poi|avanti),? (?:tu )?(?:sei|sarai|agirai|devi)\b",
        (
            r"(?:с этого момента|отныне|теперь) ты (?:\S+ )?(?:будешь|являешься|отвечаешь|не (?:искусственный"
            r"|языковая|ассистент))"
        ),
        r"(?:从现在(?:开始|起)|從現在(?:開始|起)),?，?你(?:是|将|將|要|就是|扮演)",
        r"(?:これから|今から)(?:は)?、?あなたは[^\n。]{1,40}(?:として|になり|です)",
        r"지금부터 (?:너|당신|넌|너는|당신은)[^\n.]{0,40}(?:처럼|역할|이다|입니다|행동)",
    ),
    "reveal_prompt": (
        (
            r"\b(?:reveal|print|repeat|show(?: me)?|output|display|tell me|give me|leak|dump|recite|write out"
            r"|what (?:is|are|was|were))(?: me)?(?: all| back| exactly| verbatim| out)*(?: of)? (?:your|the) "
            r"(?:\w+ )?(?:(?:above|system|initial|hidden|secret|original|full|previous|internal|developer"
            r"|first)(?: and \w+)? )+(?:prompts?|instructions|message|directives|text)\b"
        ),
        r"\b(?:reveal|repeat|print|leak|recite) (?:your|the system) (?:prompt|instructions|message)\b",
        (
            r"\b(?:print|output|reveal) (?:everything|all(?: the)? (?:text|words)|the text|the words) (?:above"
            r"|before this)\b"
        ),
        r"\b(?:secret|hidden) (?:password|passphrase) ?(?:that )?(?:you|i|from|character)\b",
        r"\binstructed (?:to not|not to) (?:reveal|share|tell|disclose|give)\b",
        (
            r"\b(?:zeig\w*|nenn\w*|gib|wiederhol\w*|verrat\w*)(?: mir)?(?: \w+)? (?:deine[nr]?|ihre[nr]?|den"
            r"|die) (?:system-?prompt|systemanweisung\w*|systemnachricht|(?:geheimen|internen"
            r"|ursprünglichen) anweisungen)"
        ),
        (
            r"\b(?:muestra|mu[eé]strame|revela|repite|dime|mostre|revele|repita)(?:-me)? (?:tu|tus|el|seu|suas"
            r"|o) (?:prompt (?:del|de|do) sistema|system prompt|instrucciones (?:del sistema|iniciales|ocultas)"
            r"|instruções (?:do sistema|iniciais|ocultas))"
        ),
        (
            r"\b(?:affiche|montre|r[eé]v[eè]le|r[eé]p[eè]te|donne)(?:-moi)? (?:ton|tes|votre|vos"
            r"|le) (?:prompt syst[eè]me|system prompt|instructions (?:syst[eè]me|initiales|cach[eé]es))"
        ),
        (
            r"\b(?:mostra(?:mi)?|rivela(?:mi)?|ripeti|dimmi) (?:il (?:tuo )?|le (?:tue )?)(?:prompt di sistema"
            r"|system prompt|istruzioni (?:di sistema|iniziali|nascoste))"
        ),
        (
            r"(?:покажи|выведи|повтори|раскрой|назови)(?: мне)? (?:свой |твой |свои |твои )?(?:системный промпт"
            r"|системные инструкции|скрытые инструкции|начальные инструкции)"
        ),
        r"(?:显示|输出|告诉我|重复|透露|打印)(?:出)?你的?[^\n。]{0,6}(?:系统提示|系统指令|提示词|初始指令)",
        r"システムプロンプトを(?:すべて|全て|そのまま)?(?:表示|教え|出力|見せ)",
        r"시스템 ?프롬프트를? ?(?:모두 |그대로 )?(?:보여|출력|알려|공개)",
    ),
    "forced_output": (
        (
            r"\b(?:just|only|simply) (?:print|say|output|respond with|reply with"
            r"|write):? [\"“'‘][^\"”\n]{1,200}[\"”'’]:?\s*$"
        ),
        r"\bstop everything\b[^a-z]{0,8}(?:now|just|print)",
        (
            r"\b(?:start|begin|end|prefix) (?:all |every |each )?(?:of )?your (?:answer|response|repl(?:y|ies)"
            r"|output|message)s? with [\"“][^\"”\n]{0,60}(?:denied|sure|hacked|pwned|absolutely|instructions"
            r"|here is)"
        ),
    ),
    "control_tokens": (
        (
            r"<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id|end_header_id"
            r"|begin_of_text)\|>"
        ),
        r"\[/?INST\]",
        r"<</?SYS>>",
        r"<start_of_turn>",
        r"<end_of_turn>",
        r"\b(?:user|system) message\W+terminat\w*-?\w*\b",
        (
            r"(?m:^)\W{0,4}(?:\[|\{|#+ ?)(?:system|"
            r"new instructions?|admin|developer)(?: (?:message|prompt|override|note))?\s?[\]:}]"
        ),
    ),
}
