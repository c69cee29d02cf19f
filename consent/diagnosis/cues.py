"""What words tell where no number does: Microsoft's pages, and what people say about them.

The patterns run over folded text (lower case, no accents, one blank between words). Each names a
few characteristic parts in their order instead of whole sentences, so that it survives retyping,
another translation and a product's name in between. Gaps are bounded, which keeps them fast.
"""

import re
from enum import StrEnum


class Cue(StrEnum):
    """One thing that the words of a paste say."""

    WALL = "wall"
    ACCEPT_PAGE = "accept_page"
    GRANTED = "granted"
    JUST_NOW = "just_now"
    WORKS_LATER = "works_later"
    INSTALLED = "installed"
    CHANGED = "changed"
    ENDLESS = "endless"
    LACKS_ROLE = "lacks_role"
    PRESSED_CANCEL = "pressed_cancel"
    NEVER_RETURNS = "never_returns"
    PERSONAL = "personal"
    DISABLED_BY_MICROSOFT = "disabled_by_microsoft"
    DISABLED = "disabled"
    ASSIGNMENT = "assignment"
    POLICY = "policy"
    SECOND_FACTOR = "second_factor"
    OTHER_ACCOUNT = "other_account"
    SERVICE_MISSING = "service_missing"
    RETURN_ADDRESS = "return_address"
    SECRET = "secret"
    OVERLOADED = "overloaded"
    SIGNED_OUT = "signed_out"
    BACKGROUND = "background"
    APP_ALONE = "app_alone"


_ADMIN = r"(?:admin\w*|beheerder\w*)"
_SOMEBODY = (
    rf"(?:{_ADMIN}|azure guy|i\.?t\.?|it team|helpdesk|we|they|he|she|i|organi[sz]ation|tenant)"
)
_APPROVED = r"(?:approved|granted|consented|accepted)"
_MONTHS = r"(?:day|week|month|year|monday|update|upgrade|yesterday)"

# Titles and characteristic halves of Microsoft's consent pages, see
# https://learn.microsoft.com/entra/identity-platform/application-consent-experience
_WALL = (
    r"need(?:s|ed)? (?:an? )?(?:global )?admin(?:istrator)?(?:'s|s)? (?:approval|consent|permission)",
    r"(?:approval|consent) (?:by|from|of) (?:an? |your |the )?admin\w* (?:is )?(?:required|needed)",
    r"admin(?:istrator)?(?:'s)? (?:approval|consent) (?:is )?(?:required|needed)",
    r"requires? (?:an? )?admin(?:istrator)?(?:'s)? (?:approval|consent|permission)",
    r"'?approval required'?",
    r"(?:that )?only an admin(?:istrator)? can (?:grant|approve)",
    r"ask an admin(?:istrator)? to grant permission",
    r"grant requires admin permission",
    r"permissions? (?:were|was|are|is) (?:not )?enabled by (?:the|your|an) admin",
    r"administrator .{1,60} has set a policy that prevents you",
    # German
    r"(?:administrator\w*|admin)[ -]?(?:genehmigung|zustimmung|einwilligung) (?:ist )?(?:erforderlich|notig|benotigt)",
    r"(?:genehmigung|zustimmung)(?: (?:durch|des|eines|von|vom) .{0,20}administrator\w*)? (?:ist )?erforderlich",
    r"nur (?:ein |von einem |durch einen )?administrator\w* .{0,40}(?:erteil|gewahr|genehmig)\w*",
    # French
    r"approbation (?:de l'|d'un |par un )?administrateur .{0,12}(?:requise|necessaire|obligatoire)",
    r"(?:besoin|necessite) .{0,12}(?:approbation|consentement) .{0,8}administrateur",
    r"consentement (?:de l'|d'un )administrateur (?:est )?(?:requis|obligatoire|necessaire)",
    r"seul un administrateur (?:peut|est)|approbation requise",
    r"administrateur .{1,60} a defini une strategie qui vous empeche",
    # Spanish, Portuguese, Italian
    r"(?:necesita|requiere|necesaria?) .{0,12}aprobacion .{0,8}administrador|aprobacion necesaria",
    r"(?:solo|unicamente) un administrador puede (?:conceder|otorgar)",
    r"(?:precisa|necessita|requer|necessaria) .{0,8}aprovacao .{0,8}administrador|aprovacao necessaria",
    r"(?:somente|apenas|so) um administrador pode conceder",
    r"(?:necessari|richiest|serve|richiede).{0,20}(?:approvazione|consenso) .{0,6}amministratore",
    r"solo un amministratore puo concedere|approvazione (?:richiesta|necessaria)",
    # Dutch, Polish
    r"(?:goedkeuring|toestemming) .{0,12}beheerder .{0,8}(?:vereist|nodig)|goedkeuring vereist",
    r"alleen een beheerder .{0,30}(?:verlenen|geven)",
    r"(?:wymagan|potrzebn|konieczn)\w{1,3} .{0,4}(?:zgoda|zatwierdzenie|akceptacja)(?: przez)? administratora",
    r"(?:moze|mogl\w*) .{0,30}tylko administrator|tylko administrator moze",
    # Japanese, Chinese
    "管理者の(?:承認|同意)が必要", "管理者のみ", "承認が必要",
    "(?:需要|要求).{0,4}管理[员員](?:的)?(?:批准|同意|许可|核准)", "只有管理[员員](?:才能|可以)", "需要批准",
)  # fmt: skip
_ACCEPT_PAGE = (
    r"permissions? requested(?! .{0,40}by)", "review permissions",
    "angeforderte berechtigungen", "autorisations demandees", "permisos solicitados",
    "permissoes solicitadas", "autorizzazioni richieste", "aangevraagde machtigingen",
    "zadane uprawnienia", "要求されているアクセス許可", "请求的权限",
)  # fmt: skip

_WORDS: dict[Cue, tuple[str, ...]] = {
    Cue.WALL: _WALL,
    Cue.ACCEPT_PAGE: _ACCEPT_PAGE,
    Cue.GRANTED: (
        rf"\b{_SOMEBODY}(?:,? (?!not\b|never\b|or\b|to\b|cannot\b|has not\b|can\b)[\w']+){{0,4}},? {_APPROVED}\b",
        rf"(?<!not )(?<!be )(?<!been )\b{_APPROVED} by (?:an? |the |our |your )?{_ADMIN}",
        rf"\balready {_APPROVED}|\bhave granted (?:admin )?consent",
        r"administrator\w* hat .{0,40}(?:genehmigt|zugestimmt|erteilt|freigegeben)",
        r"administrateur a .{0,20}(?:approuve|accepte|accorde|valide)",
        r"administrador (?:ya )?(?:lo )?(?:ha )?(?:aprobado|aprobo|concedio|aprovou|concedeu)",
        r"amministratore ha .{0,20}(?:approvato|concesso|accettato)",
        r"beheerder heeft .{0,40}(?:goedgekeurd|toegestaan)",
    ),
    Cue.JUST_NOW: (
        r"\bjust (?:now )?(?:consented|approved|granted|accepted)",
        rf"\b(?:immediately|right|directly|straight|seconds?|minutes?) after .{{0,60}}{_APPROVED}",
        rf"{_APPROVED} .{{0,60}}(?:immediately|right|directly|straight|shortly) after",
        r"(?:seconds?|minutes?) ago|(?:gerade|soeben|eben) (?:erst )?(?:genehmigt|zugestimmt)",
        r"vient (?:juste )?d'(?:approuver|accepter)|acaba de (?:aprobar|aprovar|aceptar)",
    ),
    Cue.WORKS_LATER: (
        r"\b(?:retry|retries|retrying|try again|trying again|second time|few tries) .{0,40}works?\b",
        r"\bworks? (?:after|when|if) .{0,30}(?:retry|retries|again|minutes?|while)",
    ),
    Cue.INSTALLED: (
        r"(?:show(?:s|ed)?|appear(?:s|ed)?|listed|visible|is there)(?: up)? (?:in|under) .{0,12}enterprise app",
    ),
    Cue.CHANGED: (
        r"\b(?:suddenly|since (?:the|our|last|this|a) \w+|after (?:upgrading|updating|the update|an update))\b",
        rf"\b(?:worked|fine|connected) .{{0,40}}(?:until|till|last {_MONTHS})",
        r"\b(?:new|additional|more|changed|different) (?:permissions?|scopes?)\b",
        r"(?:approved|granted|consented) .{0,40}(?:last|years?|months?) .{0,120}\bagain\b",
        r"\bseit (?:dem|der|letzte\w*|gestern)|plotzlich|\bdepuis (?:la|le|hier)|soudain",
    ),
    Cue.ENDLESS: (
        r"\bloops?\b|again and again|over and over|keeps? (?:on )?\w+ing\b|every (?:single )?time",
        r"\balways get|\bstill (?:get|see|ask|show|say|need|prompt|block)\w*",
        r"immer wieder|en boucle|a chaque fois|una y otra vez|em loop|steeds opnieuw",
    ),
    Cue.LACKS_ROLE: (
        r"(?:grant|approve|consent).{0,40}(?:button )?(?:is |are )?gr[ea]y(?:ed)?(?: ?out)?\b",
        rf"\b(?:i am|i'm|as) .{{0,60}}{_ADMIN}.{{0,120}}(?:can ?not|can't|unable to|not allowed to) (?:grant|approve|consent)",
        r"not (?:a |an )?(?:global|privileged role) admin\w*",
        r"insufficient privileges to (?:grant|complete|consent)",
    ),
    Cue.PRESSED_CANCEL: (
        r"(?<!not )\b(?:clicked|pressed|hit|chose|tapped|selected) (?:on )?(?:the )?'?(?:cancel|back|no|deny|decline)\b",
        r"\bi (?:have )?(?:cancell?ed|declined|refused)\b",
        r"auf '?abbrechen'? (?:geklickt|gedruckt)|clique sur '?annuler|(?:pulse|pulsado|clique|cliquei) (?:en |em )?'?cancelar",
    ),
    Cue.NEVER_RETURNS: (
        r"never (?:come|get|return|redirect)\w*(?: me)? (?:back|to)|(?:do|does|did)(?: not|n't) (?:come|go|get|return|redirect)\w* back",
        r"komme (?:nie|nicht) (?:wieder )?zuruck|ne reviens? (?:jamais|pas)",
    ),
    Cue.PERSONAL: (
        r"can'?t sign in here with a personal account|use your work or school account instead",
        r"identity provider 'live\.com'",
        r"mit einem personlichen konto|compte personnel|cuenta personal|conta pessoal|account personale",
    ),
    Cue.DISABLED_BY_MICROSOFT: (r"app\w* (?:has been|was|is) disabled by microsoft",),
    Cue.DISABLED: (r"(?:app|application) (?:has been|was|is) (?:disabled|turned off|blocked)",),
    Cue.ASSIGNMENT: (
        r"not assigned to a role for the app|not a direct member of a group with access",
        r"user assignment (?:is )?required|specifically granted \('assigned'\) access",
        r"keiner rolle .{0,40}zugewiesen|pas affecte a un role|no (?:esta )?asignado a (?:un|ningun) rol",
    ),
    Cue.POLICY: (
        r"(?:blocked|prevented|restricted) by .{0,20}conditional access|conditional access polic\w+ (?:block|prevent|require)",
        r"you (?:can'?t|cannot) get there from here|you don'?t have access to this",
        r"sign-?in was successful but does(?: not|n't) meet the criteria",
        r"device (?:used during the authentication )?(?:is|must be|has to be) (?:disabled|compliant|managed|registered|joined)",
        r"bedingte[rn]? zugriff|acces conditionnel|acceso condicional|acesso condicional|accesso condizionale",
    ),
    Cue.SECOND_FACTOR: (
        r"more information required|must use multi-?factor|strong authentication is required",
        r"(?:mfa|two-?factor|second factor|authenticator) .{0,30}(?:required|needed|asks?|code|fail\w*)",
    ),
    Cue.OTHER_ACCOUNT: (
        r"(?:user )?account .{0,80} does not exist in tenant|that microsoft account doesn'?t exist",
        r"(?:signed in|logged in) with (?:the|a) (?:wrong|different|other) account",
    ),
    Cue.SERVICE_MISSING: (
        r"not available in your organi[sz]ation|has not subscribed to or enabled|lacks a service principal",
        r"n'est pas disponible dans votre organisation|in ihrer organisation nicht verfugbar",
        r"no esta disponible en (?:su|la) organizacion|nao esta disponivel na sua organizacao|non e disponibile nell'organizzazione",
    ),
    Cue.RETURN_ADDRESS: (
        r"(?:redirect|reply|return) (?:uri|url|address)\w* .{0,80}(?:does not|doesn'?t|not) (?:match|registered|configured)",
        r"must include a 'response_type'",
    ),
    Cue.SECRET: (r"(?:client )?secret .{0,60}(?:expired|invalid)|invalid client secret|secret keys .{0,80}expired",),
    Cue.OVERLOADED: (
        r"too many requests|service (?:is )?(?:temporarily )?unavailable|transient error has occurred",
        r"\bhttp (?:error:? )?(?:429|503)\b|request budget|throttl\w+",
    ),
    Cue.SIGNED_OUT: (
        r"session (?:has |is )?(?:expired|timed out|invalid)|(?:refresh )?token (?:has |is )?expired",
        r"sitzung ist abgelaufen|session a expire|sesion ha (?:caducado|expirado)|sessao expirou",
    ),
    Cue.BACKGROUND: (r"renewtoken|acquiretokensilent|acquire_token_silent|hidden iframe|\badal\b|\badal\.",),
    Cue.APP_ALONE: (r"client[_ -]credentials?|app-only|application permissions?|daemon|\bgrant_type\b",),
}  # fmt: skip

_PATTERNS = {cue: re.compile("|".join(parts)) for cue, parts in _WORDS.items()}


def cues(words: str) -> dict[Cue, str]:
    """The cues in a folded text, each with the words that gave it."""
    found = ((cue, pattern.search(words)) for cue, pattern in _PATTERNS.items())
    return {cue: match[0] for cue, match in found if match}
