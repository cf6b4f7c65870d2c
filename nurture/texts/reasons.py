"""The sentence of every reason code, for the terminal, the pages and the mails to sales."""

from collections.abc import Mapping
from datetime import date

Sentences = Mapping[str, tuple[str, str]]

REASONS: Sentences = {
    "recorded": ("Fait noté ; rien ne change pour l’instant.", "Noted; nothing changes for now."),
    "machine": ("Activité d’une machine : {signal} ne compte pas.", "A machine's doing: {signal} does not count."),
    "stale": ("Arrivé après coup ; sans effet.", "Came after the fact; no effect."),
    "status": ("Statut : {before} → {after}.", "Status: {before} → {after}."),
    "suppressed": ("Ne plus jamais écrire : {why}.", "Never write again: {why}."),
    "unsuppressed": ("De nouveau joignable ; n’est plus en cause : {why}.", "May be written to again ({why} lifted)."),
    "held": ("Ne pas écrire pour l’instant : {hold}, {until}.", "Not to be written to for now: {hold}, {until}."),
    "resumed": ("Reprise par une personne.", "Resumed by a person."),
    "confirmation_asked": ("Confirmation d’adresse demandée ({form}).", "Asked to confirm the address ({form})."),
    "confirmed": ("Adresse confirmée ({form}).", "Address confirmed ({form})."),
    "entered": ("Entre dans la campagne (version {version}).", "Enters the campaign (version {version})."),
    "not_entered": ("N’entre pas : {because}.", "Does not enter: {because}."),
    "held_out": ("Groupe témoin : aucun envoi.", "In the hold-out group: no mail."),
    "stage_skipped": ("Étape {stage} passée : son but est déjà atteint.", "Stage {stage} passed: its goal is met already."),
    "advanced": ("Passe de {before} à {after}.", "Moves on from {before} to {after}."),
    "goal": ("But atteint : {goal}.", "Goal reached: {goal}."),
    "left": ("Quitte la campagne : {end}.", "Leaves the campaign: {end}."),
    "left_because": ("Quitte la campagne : {note}.", "Leaves the campaign: {note}."),
    "removed": ("Retiré de la campagne par une personne.", "Taken out of the campaign by a person."),
    "queued": ("Envoi de « {content} » préparé.", "“{content}” goes to the outbox."),
    "sent": ("Envoyé ({step}).", "Sent ({step})."),
    "send_unknown": ("Envoi incertain ({step}) : à vérifier.", "Whether it was sent is unknown ({step}): to be checked."),
    "withdrawn": ("Envoi en attente retiré.", "The mail that was waiting is taken back."),
    "withheld": ("Envoi retenu ({gate}), {until}.", "Withheld ({gate}), {until}."),
    "refused": ("Refusé par le serveur destinataire ({hardness}).", "Refused by the receiving host ({hardness})."),
    "quarantined": ("Étape {step} mise de côté : trois échecs de composition.", "Step {step} set aside: it failed three times."),
    "already_had": ("A déjà « {content} » : pas renvoyé.", "Has “{content}” already: not sent again."),
    "already_touched": ("Déjà fait ({step}).", "Done before ({step})."),
    "not_translated": ("« {content} » n’existe pas dans cette langue.", "“{content}” does not exist in this language."),
    "not_sent_before": ("Pas de relance : « {content} » n’a pas été envoyé.", "No relance: “{content}” was not sent."),
    "acted_on": ("Pas de relance : « {content} » a été suivi d’effet.", "No relance: “{content}” was acted on."),
    "day_came": ("Le jour est venu où une règle compte.", "The day has come by which a rule counts."),
    "reminder_planned": ("{part} prévu, {until}.", "{part} is planned, {until}."),
    "not_registered": ("Pas de {part} : pas inscrit à « {content} ».", "No {part}: not registered for “{content}”."),
    "attended": ("Pas de {part} : était à « {content} ».", "No {part}: was at “{content}”."),
    "in_sample": ("Dans l’échantillon : variante {variant}.", "In the sample: variant {variant}."),
    "winner": ("Reçoit la meilleure variante : {variant}.", "Gets the best variant: {variant}."),
    "no_winner": ("Aucune variante ne l’emporte : {variant}.", "No variant is best: {variant}."),
    "two_relances": ("Pas de troisième relance sur « {content} ».", "No third relance on “{content}”."),
    "too_late": ("Trop tard pour {step} : passé.", "Too late for {step}: passed."),
    "gated": ("{step} attend : {gate}, {until}.", "{step} is kept: {gate}, {until}."),
    "waiting": ("Attend {until}.", "Waits {until}."),
    "wait_skipped": ("Attente passée : l’envoi qui précède l’a été.", "Wait passed: so was the send before it."),
    "wait_over": ("Attente terminée.", "The wait is over."),
    "listening": ("Attend un signal {until}.", "Waits for a signal {until}."),
    "satisfied": ("Le signal attendu est là.", "The signal waited for is there."),
    "timed_out": ("Le signal attendu n’est pas venu.", "The signal waited for did not come."),
    "branched": ("Choix à {step} : {taken}.", "The choice at {step}: {taken}."),
    "tagged": ("Reçoit l’étiquette « {tag} ».", "Gets the tag “{tag}”."),
    "untagged": ("Perd l’étiquette « {tag} ».", "Loses the tag “{tag}”."),
    "field_set": ("Noté : {field} = {value}.", "Noted: {field} = {value}."),
    "moved": ("Va de l’étape {before} à l’étape {after}.", "Goes from stage {before} to stage {after}."),
    "goes_round": ("La campagne tourne en rond à {step} : mise de côté.", "The campaign goes round at {step}: set aside."),
    "exhausted": ("Plus de contenu dans l’étape {stage}.", "No content left in stage {stage}."),
    "woken": ("Reprend.", "Goes on."),
    "carried_over": ("Passe de la version {before} à la version {version}.", "Taken over from version {before} to {version}."),
    "kept_back": ("Reste dans la version {version} (à {step}).", "Stays in version {version} (at {step})."),
    "caught_up": ("Recevra aussi {step}, ajouté depuis.", "Will also get {step}, added since."),
    "stopped": ("S’arrête : {stop}.", "Stops: {stop}."),
    "completed": ("Campagne terminée ({end}).", "Campaign over ({end})."),
    "prospect": ("Prospect : engagement {engagement}, profil {grade} ({persona}).", "Prospect: engagement {engagement}, fit {grade} ({persona})."),
    "not_again_yet": ("Pas de nouvelle transmission avant un signal récent et la fin du délai.", "Not handed over again before a newer signal and the cool-down."),
    "no_team": ("L’équipe {team} n’existe plus : pas de transmission.", "Team {team} no longer exists: not handed over."),
    "with_sales": ("Pas de transmission : statut {status}.", "Not handed over: the status is {status}."),
    "team_gone": ("L’équipe {team} n’existe plus : étape passée.", "Team {team} no longer exists: the step is passed."),
    "notified": ("L’équipe {team} est prévenue.", "Team {team} is told."),
    "task_opened": ("Tâche pour {owner} : {what}, {until}.", "A task for {owner}: {what}, {until}."),
    "task_done": ("Tâche faite : {what}. {text}", "Task done: {what}. {text}"),
    "hand_off_accepted": ("Accepté par les ventes.", "Accepted by sales."),
    "hand_off_rejected": ("Refusé par les ventes : {rejection}.", "Rejected by sales: {rejection}."),
    "hand_off_expired": ("Sans réponse des ventes à temps.", "Sales did not answer in time."),
    "recycled": ("Retour à l’étape {stage}.", "Back to stage {stage}."),
    "points": ("{signal} {object} le {day} : {points}", "{signal} {object} on {day}: {points}"),
    "fit": ("Profil : {label}", "Profile: {label}"),
}  # fmt: skip

SIGNALS: Sentences = {
    "submitted": ("a rempli", "filled in"),
    "opened": ("a ouvert", "opened"),
    "clicked": ("a cliqué dans", "clicked in"),
    "downloaded": ("a téléchargé", "downloaded"),
    "registered": ("s’est inscrit à", "registered for"),
    "attended": ("a assisté à", "attended"),
    "visited": ("a visité", "visited"),
    "replied": ("a répondu :", "replied:"),
}

WORDS: Sentences = {
    "interested": ("intéressé", "interested"),
    "other": ("autre", "other"),
    "submitted": ("formulaire", "submitted"),
    "opened": ("ouverture", "opened"),
    "clicked": ("clic", "clicked"),
    "downloaded": ("téléchargement", "downloaded"),
    "registered": ("inscription", "registered"),
    "attended": ("présence", "attended"),
    "visited": ("visite", "visited"),
    "suppressed": ("ne plus lui écrire", "never to be written to"),
    "recycled": ("recyclé", "recycled"),
    "unsubscribed": ("désinscription", "unsubscribed"),
    "bounced": ("adresse en échec", "address bounces"),
    "complained": ("plainte", "complaint"),
    "erased": ("effacé", "erased"),
    "manual": ("décision d’une personne", "a person's decision"),
    "out_of_office": ("absence", "out of office"),
    "paused": ("mis en pause", "paused"),
    "window": ("hors des heures d’envoi", "outside sending hours"),
    "cap": ("plafond de fréquence", "frequency cap"),
    "hold": ("mis en attente", "on hold"),
    "priority": ("une campagne prioritaire écrit d’abord", "a campaign of higher priority writes first"),
    "late": ("en retard", "late"),
    "catch_up": ("déjà écrit en rattrapant un retard", "already written to while catching up"),
    "consent": ("sans consentement", "no consent"),
    "withdrawn": ("retiré", "withdrawn"),
    "winner": ("la meilleure variante n’est pas encore connue", "the best variant is not known yet"),
    "fault": ("défaut de composition", "cannot be composed"),
    "not_sent": ("n’était pas parti", "had not left"),
    "replied": ("a répondu", "replied"),
    "handed_off": ("transmis aux ventes", "handed to sales"),
    "quarantined": ("mis de côté", "set aside"),
    "call": ("appel", "call"),
    "social": ("réseau social", "social network"),
    "letter": ("courrier", "letter"),
    "meeting": ("rendez-vous", "meeting"),
    "looped": ("la campagne tourne en rond", "the campaign goes round"),
    "not_ready": ("pas encore mûr", "not ready yet"),
    "unreachable": ("injoignable", "unreachable"),
    "not_a_fit": ("hors cible", "not a fit"),
    "already_customer": ("déjà client", "already a customer"),
    "expired": ("sans réponse", "not answered"),
    "completed": ("terminée", "completed"),
    "removed": ("retiré", "removed"),
    "accepted": ("accepté par les ventes", "accepted by sales"),
    "disqualified": ("disqualifié", "disqualified"),
    "customer": ("client", "customer"),
    "left": ("condition de sortie", "leaving rule"),
    "only_if": ("condition d’entrée non remplie", "the entry rule does not hold"),
    "too_soon": ("délai de retour pas écoulé", "too soon to come back"),
    "with_sales": ("entre les mains des ventes", "in the hands of sales"),
    "leave_if": ("condition de sortie remplie", "the leaving rule holds"),
    "had_before": ("déjà passé par cette campagne", "has been through it before"),
    "already_in": ("déjà dans la campagne", "already in"),
    "gone_by": ("trop tard pour cet envoi", "it would come too late"),
    "unknown_campaign": ("campagne inconnue", "unknown campaign"),
}  # fmt: skip


def sentence(reason: str, detail: Mapping[str, object], language: str, subject: str = "") -> str:
    """The reason as a sentence in French or English; what the detail lacks shows as a dash."""
    template = _pick(REASONS.get(reason, (reason, reason)), language)
    values = {name: shown(name, value, language) for name, value in detail.items()}
    if reason == "points":
        values["signal"] = _pick(SIGNALS.get(subject, (subject, subject)), language)
    if reason == "fit":
        values["label"] = subject
    return template.format_map(_Dashes(values)).replace("  ", " ")


class _Dashes(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"


def _pick(pair: tuple[str, str], language: str) -> str:
    return pair[0] if language == "fr" else pair[1]


def shown(name: str, value: object, language: str) -> str:
    """One detail as words; nothing is a dash."""
    match name, value:
        case "until", None:
            return _pick(("jusqu’à nouvel ordre", "until further notice"), language)
        case _, None:
            return "–"
        case _, bool():
            return _pick(("oui", "yes") if value else ("non", "no"), language)
        case "engagement", int():
            return _points(value, language)
        case "points", int():
            return f"{_points(value, language)} {'point' if _is_one(value, language) else 'points'}"
        case "day" | "return_on", str():
            return _day(value, language)
        case "until", str():
            return f"{_pick(('jusqu’au', 'until'), language)} {_day(value[:10], language)} {value[11:16]} UTC"
        case _, str() if value in WORDS:
            return _pick(WORDS[value], language)
        case _:
            return str(value)


def _day(text: str, language: str) -> str:
    day = date.fromisoformat(text)
    return f"{day:%d/%m/%Y}" if language == "fr" else f"{day:%d %b %Y}"


def _is_one(value: int, language: str) -> bool:
    """French counts everything below two as one."""
    return abs(value) < 2000 if language == "fr" else value == 1000


def _points(value: int, language: str) -> str:
    """Milli-points as points, without needless decimals."""
    shown = f"{value / 1000:.1f}".removesuffix(".0")
    return shown.replace(".", ",") if language == "fr" else shown
