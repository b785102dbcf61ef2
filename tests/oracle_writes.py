"""The second evaluator of acts: who may write what, in plain Python, read off policy.md section 5 line by line.

Each act is a function of one situation that gives the name of what stands against it and the status of the answer: 403
where the act is never his, 422 where a rule of the record stands against it; ``("", 200)`` where nothing does. "Who"
comes before "what", as in the order of answers of section 5. It knows nothing of the product, and is naive on purpose.
Where policy.md leaves room it follows ``docs/decisions/0005-readings.md``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.oracle import OPEN, PEOPLE_OF_CARE, Caller, Relations, is_treating

Answer = tuple[str, int]
"""Name of the refusal, and the status that it is answered with."""

ALLOWED: Answer = ("", 200)
NOT_HIS: Answer = ("not-yours-to-do", 403)
BLOCKED: Answer = ("blocked", 403)
NOT_OPEN: Answer = ("record-not-open", 422)
WITHDRAWN: Answer = ("withdrawn", 422)


@dataclass(frozen=True)
class Before:
    """What the row was, and is to this caller. ``named``: he or his acting structure owns it (a Task)."""

    withdrawn: bool = False
    pending: bool = False
    deposited: bool = False
    masked_by_him: bool = False
    seen_by_holder: bool = False
    month_over: bool = False
    named: bool = False


@dataclass(frozen=True)
class After:
    """What the row becomes. ``beyond_persons``: an authorisation for others than professionals by name."""

    masked: bool = False
    pending: bool = False
    hidden: bool = False
    beyond_persons: bool = False
    reimbursement: bool = False
    holder_type: bool = False


@dataclass(frozen=True)
class Write:
    """One write. ``structure``: the caller acts for one. ``opening``: the same transaction opens the record.

    ``minor``: the holder is one today. ``cumulation`` and ``own_only`` are the settings ``visibility_cumulation`` and
    ``holder_deletion = own``.
    """

    record_status: str
    caller: Caller
    rel: Relations
    structure: bool = False
    opening: bool = False
    minor: bool = False
    before: Before = Before()
    after: After = After()
    cumulation: bool = False
    own_only: bool = False


def for_the_holder(w: Write) -> bool:
    """Holder, representative."""
    return w.rel.holder or w.rel.represents


def at_opening(w: Write) -> bool:
    """Who opens the record says in the same transaction what belongs to an opening."""
    return w.opening and w.caller.kind in {"professional", "desk"}


def may_deposit(w: Write) -> bool:
    """Any professional; a structure by its software, its desk or the insurer's feed."""
    return w.caller.kind in PEOPLE_OF_CARE or (w.structure and w.caller.kind in {"desk", "software", "insurer"})


def cumulates(w: Write) -> bool:
    """Masked and awaiting announcement together (EX_2.1-1050), where the setting does not allow it."""
    return w.after.masked and w.after.pending and not w.cumulation


def deposit(w: Write) -> Answer:  # noqa: PLR0911
    if not (may_deposit(w) or for_the_holder(w)):
        return NOT_HIS
    if w.caller.kind == "insurer" and not w.after.reimbursement:
        return "reimbursement-only", 403
    if for_the_holder(w) and not w.after.holder_type:
        return "holder-type", 403
    if w.record_status != OPEN:
        return NOT_OPEN
    if for_the_holder(w) and w.after.pending:
        return "announcement-by-holder", 422
    if cumulates(w):
        return "visibility-cumulation", 422
    if w.after.hidden and not w.minor:
        return "not-a-minor", 422
    if w.caller.secret and not w.after.hidden:
        return "secret-connection", 422
    return ALLOWED


def hold(w: Write) -> Answer:
    """A content in no record yet: so nobody is its holder, nor represents him."""
    return ALLOWED if may_deposit(w) else NOT_HIS


def mask(w: Write) -> Answer:
    if not (for_the_holder(w) or w.before.deposited or is_treating(w.caller, w.rel)):
        return NOT_HIS
    if w.before.withdrawn:
        return WITHDRAWN
    if cumulates(w):
        return "visibility-cumulation", 422
    return ALLOWED


def unmask(w: Write) -> Answer:
    if not (for_the_holder(w) or (w.before.deposited and w.before.masked_by_him)):
        return NOT_HIS
    return WITHDRAWN if w.before.withdrawn else ALLOWED


def set_announcement(w: Write) -> Answer:
    """An announcement keeps a document from the holder: his own and his representatives' deposits have none."""
    if not w.before.deposited or for_the_holder(w):
        return NOT_HIS
    if w.before.withdrawn:
        return WITHDRAWN
    if w.before.seen_by_holder:
        return "seen-by-holder", 422
    if w.before.month_over:
        return "announcement-over", 422
    if cumulates(w):
        return "visibility-cumulation", 422
    return ALLOWED


def announce(w: Write) -> Answer:
    """After T the label means nothing any more: holder and representative may drop it then."""
    if w.before.deposited or is_treating(w.caller, w.rel):
        return ALLOWED
    return ALLOWED if for_the_holder(w) and not w.before.pending else NOT_HIS


def hide(w: Write) -> Answer:
    if not (w.before.deposited or w.rel.holder):
        return NOT_HIS
    if w.before.withdrawn:
        return WITHDRAWN
    return ("not-a-minor", 422) if w.after.hidden and not w.minor else ALLOWED


def show(w: Write) -> Answer:
    if not (w.before.deposited or w.rel.holder):
        return NOT_HIS
    if w.before.withdrawn:
        return WITHDRAWN
    return ("secret-connection", 422) if w.caller.secret and not w.after.hidden else ALLOWED


def archive(w: Write) -> Answer:
    if not (w.before.deposited or w.rel.holder):
        return NOT_HIS
    return WITHDRAWN if w.before.withdrawn else ALLOWED


def withdraw(w: Write) -> Answer:
    return ALLOWED if w.before.deposited else NOT_HIS


def revise(w: Write) -> Answer:
    if not w.before.deposited:
        return NOT_HIS
    return WITHDRAWN if w.before.withdrawn else ALLOWED


def replace(w: Write) -> Answer:
    if not w.before.deposited:
        return NOT_HIS
    if w.before.withdrawn:
        return WITHDRAWN
    if w.after.pending and not w.before.pending:
        return "announcement-replaces", 422
    return ALLOWED


def erase(w: Write) -> Answer:
    if not for_the_holder(w):
        return NOT_HIS
    return ("not-yours-to-erase", 403) if w.own_only and not w.before.deposited else ALLOWED


def open_(w: Write) -> Answer:
    """The person himself by a one-time code comes as the holder."""
    return ALLOWED if w.caller.kind in (*PEOPLE_OF_CARE, "desk") or for_the_holder(w) else NOT_HIS


def reopen(w: Write) -> Answer:
    """A professional at the holder's request, but none whom a block names."""
    if not (w.caller.kind == "professional" or for_the_holder(w)):
        return NOT_HIS
    return BLOCKED if w.rel.blocked else ALLOWED


def close(w: Write) -> Answer:
    answer = reopen(w)
    if answer == ALLOWED and w.record_status != OPEN:
        return NOT_OPEN
    return answer


def create_identity(w: Write) -> Answer:
    return ALLOWED if w.caller.kind in (*PEOPLE_OF_CARE, "desk", "operator") else NOT_HIS


def when_open(w: Write, *, allowed: bool, against: Answer = NOT_HIS) -> Answer:
    """An act that asks for nothing but somebody who may, and an open record."""
    if not allowed:
        return against
    return ALLOWED if w.record_status == OPEN else NOT_OPEN


def destroy(w: Write) -> Answer:
    return ALLOWED if w.rel.holder or w.caller.kind == "operator" else NOT_HIS


def contact(w: Write) -> Answer:
    """Also in a closed record: its end is told."""
    return ALLOWED if for_the_holder(w) else NOT_HIS


def identify(w: Write) -> Answer:
    who = for_the_holder(w) or is_treating(w.caller, w.rel) or w.caller.kind in {"desk", "operator"}
    return when_open(w, allowed=who)


def change_traits(w: Write) -> Answer:
    """By a professional who may change the identity at all, which is the treating physician; or a desk agent."""
    who = is_treating(w.caller, w.rel) or w.caller.kind in {"desk", "operator"}
    return when_open(w, allowed=who, against=("identity-traits", 403))


def relate(w: Write) -> Answer:
    return when_open(w, allowed=for_the_holder(w) or is_treating(w.caller, w.rel) or at_opening(w))


def name_representative(w: Write) -> Answer:
    return when_open(w, allowed=w.caller.kind == "operator" or at_opening(w))


def name_treating(w: Write) -> Answer:
    return when_open(w, allowed=for_the_holder(w) or at_opening(w))


def declare_treating(w: Write) -> Answer:
    if not (w.caller.kind == "professional" and w.caller.doctor):
        return NOT_HIS
    if w.rel.blocked:
        return BLOCKED
    return when_open(w, allowed=True)


def authorise(w: Write) -> Answer:
    """An attestation is any that the holder or his representative does not write himself."""
    if not (for_the_holder(w) or w.caller.kind in PEOPLE_OF_CARE or at_opening(w)):
        return NOT_HIS
    if (w.rel.blocked or w.rel.group_blocked) and not is_treating(w.caller, w.rel):
        return BLOCKED
    if w.after.beyond_persons and not for_the_holder(w):
        return "attested-by-name", 403
    return when_open(w, allowed=True)


def his_own_will(w: Write) -> Answer:
    return when_open(w, allowed=for_the_holder(w))


def block(w: Write) -> Answer:
    return when_open(w, allowed=for_the_holder(w) or is_treating(w.caller, w.rel))


def break_glass(w: Write) -> Answer:
    """Refused with 403 and the reason code whatever stands against it (api.md section 3)."""
    if w.caller.kind != "professional":
        return NOT_HIS
    if w.record_status != OPEN:
        return "record-not-open", 403
    if w.rel.blocked:
        return BLOCKED
    if not w.caller.strong:
        return "strong-authentication", 403
    if w.rel.break_glass_opposed:
        return "emergency-opposed", 403
    return ALLOWED


def end_window(w: Write) -> Answer:
    return ALLOWED if w.caller.kind == "professional" else NOT_HIS


def answer_rectification(w: Write) -> Answer:
    """The depositor answers: he owns the Task."""
    return when_open(w, allowed=w.before.named)


def import_(w: Write) -> Answer:
    return ALLOWED if w.caller.kind == "operator" else NOT_HIS


ACTS: dict[str, Callable[[Write], Answer]] = {
    "deposit": deposit,
    "hold": hold,
    "mask": mask,
    "unmask": unmask,
    "set-announcement": set_announcement,
    "announce": announce,
    "hide": hide,
    "show": show,
    "archive": archive,
    "withdraw": withdraw,
    "revise": revise,
    "replace": replace,
    "erase": erase,
    "open": open_,
    "close": close,
    "reopen": reopen,
    "contact": contact,
    "destroy": destroy,
    "retain": import_,
    "create-identity": create_identity,
    "identify": identify,
    "change-identity-traits": change_traits,
    "relate": relate,
    "name-representative": name_representative,
    "change-team": relate,
    "name-treating-physician": name_treating,
    "declare-treating-physician": declare_treating,
    "authorise": authorise,
    "end-authorisation": his_own_will,
    "give-full-access": his_own_will,
    "block": block,
    "oppose": name_treating,
    "restore": his_own_will,
    "break-glass": break_glass,
    "end-break-glass": end_window,
    "ask-rectification": his_own_will,
    "answer-rectification": answer_rectification,
    "import": import_,
}
