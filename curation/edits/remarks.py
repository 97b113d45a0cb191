"""Remarks about an answer, in place of one."""

import re2

_ABOUT = (
    r"(?:answers?|responses?|repl(?:y|ies)|outputs?|explanations?|information|info|text|translation"
    r"|summary|article|code|solution|part|sentence|paragraph|one|passage|result)"
)
_THE = r"(?:(?:this|that|the|your|its?|these|those)(?: whole| entire| first| last| original| ai['’]?s?)?)"
_VERDICT = (
    r"(?:wrong|incorrect|not (?:\w+ ){0,2}(?:correct|right|true|good|helpful|useful|accurate|relevant"
    r"|what|related|about|an answer|enough|clear|detailed|complete|specific)|bad|terrible|awful|useless"
    r"|unhelpful|garbage|nonsense|rubbish|crap|shit|inaccurate|outdated|misleading|irrelevant|off[- ]topic"
    r"|too (?:\w+ )?(?:long|short|vague|generic|verbose|formal|wordy|complicated|simple|technical|brief"
    r"|broad|general)|incomplete|made up|hallucinated|false|confusing|unclear|correct|right|accurate"
    r"|helpful|perfect|great|good|fine|excellent|acceptable|ok(?:ay)?|direct|relevant|useful|clear|vague"
    r"|poor|better)"
)
_ADVERB = (
    r"(?:just|so|very|completely|totally|entirely|factually|really|still|simply|clearly|quite|pretty|also"
    r"|all|mostly|partly|partially|actually|a|an|the|bit|little|not|far|way|kind of|sort of|at best|plain"
    r"|straight up|blatantly|absolutely)"
)
# What a remark or a request for another answer begins with.
_BEGINNINGS = (
    (
        rf"{_THE}(?: {_ABOUT})?(?: here)?(?: is|['’]s| was| are| looks?| seems?| sounds?)"
        rf"(?: {_ADVERB}){{0,3}} {_VERDICT}\b"
    ),
    (
        rf"{_THE} {_ABOUT}(?: here)? (?:does|doesn['’]?t|did|didn['’]?t|fails?|lacks?|should|needs?|could"
        r"|misses|is missing|only|just|address\w*|relates?|talks?|contains? (?:no|wrong|incorrect)|ignores?"
        r"|answers?)\b"
    ),
    (
        r"(?:it|this|that) (?:does(?:n['’]?t| not)|did(?:n['’]?t| not)) (?:\w+ ){0,2}?(?:answer|help|work"
        r"|make sense|relate|address|mention)"
    ),
    r"(?:it|this|that) (?:\w+ )?answers? (?:the|my|this) question",
    (
        r"(?:wrong|incorrect|bad|terrible|useless|poor|not helpful|not correct|not true|false)(?: answer"
        r"| response|[.!]|$)"
    ),
    (
        r"(?:you(?:['’]?ve| have)?|u) (?:\w+ )?(?:forgot|missed|misunderstood|didn['’]?t|did not|should"
        r"(?:['’]?ve| have)?|got it wrong|are wrong|made (?:a|an|some) (?:mistake|error))"
    ),
    r"you['’]re wrong",
    r"(?:that['’]?s |this is )?not what i (?:asked|wanted|meant)",
    r"i (?:asked|wanted|meant|said|didn['’]?t ask|did not ask)\b",
    (
        r"(?:please )?(?:make|keep) (?:it|this|the (?:answer|response|text)) (?:shorter|longer|more|less"
        r"|simpler|concise|clearer|better)"
    ),
    r"(?:please )?(?:try|do it|do this) again\b",
    (
        r"(?:please )?(?:fix|rewrite|redo|shorten|expand|correct|improve|rephrase) (?:this|it|the (?:answer"
        r"|response|text))\b"
    ),
    r"(?:please )?be (?:more|less) (?:concise|specific|formal|detailed|helpful)",
    r"(?:please )?(?:add|give|provide) more (?:details?|info)\b",
    r"too (?:long|short|vague|generic|verbose|formal|wordy)(?:[.!,]|$)",
    r"needs (?:more|work|improvement|editing)\b",
    r"should (?:be|say|have|mention|include)\b",
    r"(?:great|good|nice|perfect|excellent) (?:answer|response|job)\b",
    r"(?:das|die antwort|diese antwort) ist (?:\w+ )?(?:falsch|nicht richtig|schlecht|unsinn)",
    r"falsch[.!]?$",
    r"(?:c['’]est|la réponse est|cette réponse est) (?:\w+ )?(?:faux|fausse|incorrect\w*|mauvais\w*|nul\w*)",
    r"(?:esto|eso|la respuesta|esta respuesta) (?:está|es) (?:\w+ )?(?:mal|incorrect[oa]|equivocad[oa]|fals[oa])",
    r"(?:isso|a resposta|esta resposta) (?:está|é) (?:\w+ )?(?:errad[oa]|incorret[oa])",
    r"(?:questo|la risposta|questa risposta) è (?:\w+ )?(?:sbagliat[oa]|errat[oa])",
    r"(?:это|ответ) (?:\S+ )?(?:неправильн\w*|неверн\w*|не ?правда|ошибка)",
    r"(?:неправильно|неверно)[.!]?$",
    r"(?:这|這|回答|答案)[^\n。]{0,6}(?:错|錯|不对|不對|不正确)",
    r"(?:错了|不对)[。!！]?$",
    r"(?:これは|回答は|答えは)?[^\n。]{0,6}(?:間違って|違います|間違い)",
    r"(?:답변이|이건|이것은)?[^\n.]{0,6}틀렸",
)
_REMARK = re2.compile(
    rf"(?i)^\W*(?:(?:no|sorry|well|hmm|actually|but|off topic|again|yes|ok),? )*"
    rf"(?:{'|'.join(_BEGINNINGS)})"
)
_LONGEST = 400


def is_remark(text: str) -> bool:
    """Tell whether a text begins as a remark about an answer or a request to change it does.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool
        False beyond 400 characters.

    Examples
    --------
    >>> is_remark("This is wrong."), is_remark("Make it shorter"), is_remark("The answer is 42.")
    (True, True, False)
    """
    return len(text) <= _LONGEST and _REMARK.search(text) is not None
