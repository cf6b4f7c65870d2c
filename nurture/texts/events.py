"""The sentence of every kind of event, for the journal as people read it."""

from collections.abc import Mapping

from nurture.texts.reasons import SIGNALS, Sentences, shown

EVENTS: Sentences = {
    "timer_fired": ("L’heure prévue est venue.", "The time waited for has come."),
    "signalled": ("Le contact {signal} {object}", "The contact {signal} {object}"),
    "submitted": ("Formulaire {form} rempli.", "Form {form} filled in."),
    "confirmed": ("Adresse confirmée ({form}).", "Address confirmed ({form})."),
    "profile_changed": ("Profil complété : {fields}", "Profile completed: {fields}"),
    "sent": ("Message remis au serveur d’envoi.", "Message handed over."),
    "withheld": ("Message retenu : {gate}.", "Message withheld: {gate}."),
    "fault": ("Message impossible à composer : {detail}", "The message could not be made: {detail}"),
    "refused": ("Message refusé ({hardness}) : {detail}", "Message refused ({hardness}): {detail}"),
    "send_unknown": ("On ignore si le message est parti.", "Whether the message went out is unknown."),
    "delivered": ("Message reçu par le serveur du contact.", "Message taken by the contact's mail host."),
    "bounced": ("Message revenu ({hardness}) : {detail}", "Message came back ({hardness}): {detail}"),
    "suppressed": ("Ne plus écrire : {reason}.", "Not to be written to any more: {reason}."),
    "unsuppressed": ("De nouveau joignable ; n’est plus en cause : {reason}.", "May be written to again: {reason} lifted."),
    "replied": ("Le contact a répondu : {intent}.", "The contact replied: {intent}."),
    "auto_replied": ("Réponse automatique, retour : {return_on}.", "Automatic reply, back: {return_on}."),
    "held": ("Mise en attente : {hold}, {until}.", "Held: {hold}, {until}."),
    "resumed": ("Reprise par une personne.", "Resumed by a person."),
    "enrol": ("Inscription à {campaign} par une personne.", "Put into {campaign} by a person."),
    "newsletter_due": ("La lettre {newsletter} part.", "The newsletter {newsletter} goes out."),
    "remove": ("Retrait de {campaign} par une personne.", "Taken out of {campaign} by a person."),
    "hand_off_answered": ("Réponse des ventes : {rejection}.", "Sales answered: {rejection}."),
    "task_done": ("Une tâche a été faite : {what}.", "A task was done: {what}."),
    "carried_over": ("Une nouvelle version de {campaign} a été appliquée.", "Another version of {campaign} was applied."),
    "world_changed": ("De nouveaux fichiers ont été appliqués.", "New files were applied."),
}  # fmt: skip

_ACCEPTED = ("accepté", "accepted")


def event_sentence(kind: str, data: Mapping[str, object], language: str) -> str:
    """What happened, in French or English; `data` are the event's fields as JSON, and what they lack shows as a dash."""
    side = 0 if language == "fr" else 1
    if kind == "withheld" and data.get("gate") == "fault" and data.get("detail"):
        kind = "fault"
    template = EVENTS.get(kind, (kind, kind))[side]
    values = {name: _shown(name, value, language) for name, value in data.items()}
    if "signal" in data:
        values["signal"] = SIGNALS.get(str(data["signal"]), (str(data["signal"]),) * 2)[side]
    if "rejection" in data and data["rejection"] is None:
        values["rejection"] = _ACCEPTED[side]
    return template.format_map(_Dashes(values)).strip()


class _Dashes(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"


def _shown(name: str, value: object, language: str) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{field}={item}" for field, item in value.items()) or "–"
    return shown(name, value, language)
