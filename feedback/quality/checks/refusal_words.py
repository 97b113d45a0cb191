"""What surrounds refusals, as RE2 expressions: words that any refusal has, pushback, letters, quotations."""

_LATIN = (
    r"\bno\b|\bnot|n['’ʼ´`]t\b|\b(?:ca|wo|do|could|would|should)nt\b|cannot|never|sorry|apolog|unable"
    r"|unfortunate|afraid"
    r"|declin|refus|recus|rifiut|reneg|nieg|negar|rechaz|weiger|ablehn|abgelehnt|denied|block|flagged|rejected|reject"
    r"|violat|viol[ae]|against|contra|illegal|unethic|harmful|appropriat|polic|guideline|privacy|rather"
    r"|prefer|prohibit"
    r"|forbid|nicht|kein|leider|tabu|passen|verst(?:ö|oe)|niet|geen|liever|afwijz|schend|strijd|\bpas\b"
    r"|\bne\b|interdi"
    r"|impossi|imposi|enfrein|enfreint|infring|\bn[ãa]o\b|\bnon\b|\btemos\b|\bwrong|something else|change the subject"
    r"|gegen\b|lehne|fehl|verbiet|zu weit|beyond|limits|turn (?:this|that|it|you)|irrespons|conflict|break the|\bcross"
    r"|\bpasso?\b|incumpl|impid|proh[ií]b|pro[íi]be|disculp|encontre|décliner|princip|directi|diretri|directri|empêch"
    r"|hors de|abstenir|linee guida|impedisc|neanche|tegen\b|helaas|verbied|rejeit|pensar"
    r"|outside|\bstop\b|fuera de|hors du|\bsor[st] d|\bfora d|fuori|buiten|désol|\bpasse\b|scusa|\bspiace"
    r"|important to|\bmust\b|declined|incapa|despite|rude|disrespect|offensive|stereotyp|myth|misconception"
    r"|\bnie\b|narusza|odrzuc|\binte\b|avvis|\bikke\b|strider|\b(?:en|emme) voi|\bnu\b|\bnem\b|\bnem(?:oh|ůž)|nesm"
    r"|\btidak\b|[ae]m[ae]m\b|[ae]m[ae]y|ihlal|aykırı|değil"
)
# A text in another script is always read.
CANDIDATE = rf"(?i)[\x{{400}}-\x{{1fff}}\x{{3040}}-\x{{d7ff}}]|{_LATIN}"

PUSHBACK = (
    r"(?i)\b(?:no|little|without|any) (?:\w+ ){0,2}?(?:evidence|proof|basis|data|research)\b"
    r"|\b(?:is|are|that's|it's|was|just|merely|common|harmful|false|old) (?:an? )?(?:\w+ ){0,2}?"
    r"(?:stereotyp|myth\b|misconception|prejudice|fallac|misunderstanding|overgenerali|false (?:premise|belief))"
    r"|\b(?:premise|assumption|claim|idea|notion|belief|statement)s?\b[^.!?\n]{0,60}\b(?:false|incorrect|inaccurate"
    r"|wrong|flawed|unfounded|stereotyp|myth|not (?:true|accurate|correct|supported|based))"
    r"|\bnot (?:scientifically |factually )?(?:accurate|true|correct) (?:to say |to assume )?that\b"
    r"|\bthat's not (?:true|accurate|correct)"
    r"|\b(?:keine?n?|ohne) (?:\w+ ){0,2}?(?:belege?|beweise?|hinweise?|grundlage|daten)\b|\b(?:vorurteil"
    r"|klischee|irrtum|mythos)"
    r"|(?:annahme|behauptung|prämisse)[^.!?\n]{0,30}(?:falsch|stimmt nicht)"
    r"|\b(?:rien ne prouve|rien n['’]indique|aucune? (?:preuve|étude|donnée)|pas de preuves?)"
    r"|\bst[ée]r[ée]otyp|idée reçue|préjugé|cliché"
    r"|\bno (?:hay|existen?) (?:\w+ )?(?:pruebas|evidencias?|datos)|\bning[uú]n estudio|\bestereotip"
    r"|\bprejuicio|\bmito\b|premisa[^.!?\n]{0,30}falsa"
    r"|\bn[ãa]o (?:h[áa]|existem?) (?:\w+ )?(?:provas|evid[êe]ncias?|dados)|\bnenhum estudo"
    r"|\bestere[óo]tip|\bpreconceito|premissa[^.!?\n]{0,30}falsa"
    r"|\bnon (?:ci sono|esistono) (?:\w+ )?(?:prove|dati)|\bnessuno studio|\bstereotipo|\bpregiudizi"
    r"|luogo comune|premessa[^.!?\n]{0,30}falsa"
    r"|\b(?:geen|zijn geen) (?:bewijs|bewijzen|gegevens)|\bvooroordeel|\bmisverstand|\bmythe"
    r"|нет (?:никаких )?(?:доказательств|данных|оснований)|стереотип|предрассуд|заблужден|это миф"
    r"|لا (?:يوجد|توجد) (?:أي )?(?:دليل|أدلة|بيانات)|صورة نمطية|خرافة|خطأ شائع"
    r"|没有(?:任何)?(?:科学)?(?:证据|依据|数据)|沒有證據|刻板印象|误解|偏见|谣言"
    r"|(?:証拠|根拠|データ)は(?:あり|ない)|固定観念|誤解です|偏見です|迷信"
    r"|(?:증거|근거|자료)[는가] 없|고정관념|편견|미신|오해"
)

# An apology for something that happened, behind which a refusal phrase is none.
APOLOGY_FOR = (
    r"(?i)\b(?:entschuldigen sie|entschuldige|verzeihen sie)(?: bitte)? (?:das|dass|den|die|meine?n?)\b"
    r"|\b(?:disculpe|perdone)n? (?:el|la|las|los|mi)\b"
    r"|\bdesculpe (?:a|o|as|os) (?:demora|atraso|confus|espera|transtorno)"
    r"|\bscus[ia] (?:il|la|lo|l['’])|\bexcusez (?:le|la|les|l['’]|mon|ma|mes|ce)\b|\bexcuse (?:the|my)\b"
    r"|抱歉?(?:让您?你?久等|耽搁|耽误|回复晚|来晚|这么晚)|お待たせ|遅くなり|遅れて|늦어서|기다리게|(?:على|عن) التأخير"
    r"|\b(?:entschuldig\w*|verzeihung|sorry|apolog\w*|desculp\w*|perdón|disculp\w*|scus[ia]|désolée?s?|excuses|извините|простите)"
    r" (?:for|für|wegen|por|pela|pelo|per|pour|voor|за)\b"
)

# A letter or a message that was asked for: how it begins and how it ends.
LETTER = (
    r"(?is)^(?:[^\n]{0,80}:\s*\n\s*)?"
    r"[^\n]{0,80}?(?:\b(?:dear|subject:|hi|hello|liebe[rs]?|sehr geehrte[rs]?|hallo|betreff:"
    r"|ch[eè]re?s?|bonjour|madame|monsieur"
    r"|objet ?:|estimad[oa]s?|querid[oa]s?|hola|asunto:|prezad[oa]s?|car[oaie]|ol[áa]|assunto:|gentile"
    r"|egregi[oa]|ciao|oggetto:|beste"
    r"|geachte|hoi|onderwerp:)\s*[^\n]{0,40}?[,:;\n]|уважаем|здравствуйте|дорог|тема:|السيد|مرحب|عزيز|أعزائي|الموضوع"
    r"|尊敬的|亲爱的|各位|你好|您好|主题：|様|さん|先生|件名|께|님|여러분|제목:)"
    r".{20,}(?:\b(?:regards|sincerely|yours|best|cheers|thanks|gr(?:ü|ue)(?:ß|ss)en?|cordialement"
    r"|amicalement|bien à vous|saludos?"
    r"|atentamente|atenciosamente|abraços|abrazos?|amitiés|bises|abbraccio|cumprimentos|saluti|groet(?:en)?),?\s+[^\n.]{0,40}\s*$"
    r"|с уважением|всего доброго|مع التحية|تحياتي"
    r"|此致|祝好|敬礼|敬具|よろしくお願い|드림|올림)"
)

# Quotations, code, lines that quote a message, and an idiom of those who can do nothing but admire.
QUOTED = (
    r"(?i:\b(?:can ?not|can['’]?t|could(?:n['’]t| not)) help (?:but|noticing|laughing|smiling|thinking|wondering)\b)|"
    r"(?s)```.*?(?:```|$)|`[^`\n]*`|(?m:^)[ \t]*>[^\n]*|“[^”]*”|„[^“”]*[“”]|«[^»]*»"
    r"|「[^」]*」|『[^』]*』|\"[^\"\n]*\"|‘[^’\n]{12,}’"
)
