"""The words of a simulation's report, on the terminal and on its page."""

from collections.abc import Mapping
from typing import Final

from nurture.texts.reasons import shown

Words = Mapping[str, str]

TERMS: Final[Mapping[str, tuple[str, str]]] = {
    # What keeps a campaign from writing, where a decision's own word is not told enough
    "holiday": ("jour férié", "public holiday"),
    "hold_out": ("groupe témoin", "hold-out group"),
    "handed_off": ("chez les ventes", "with sales"),
    # Sends that the rules leave out
    "already_had": ("contenu déjà reçu", "content they have already"),
    "not_translated": ("contenu absent dans cette langue", "content not in this language"),
    "not_sent_before": ("rien à relancer", "nothing to follow up"),
    "acted_on": ("relance inutile, déjà suivi d’effet", "relance needless, acted on"),
    "two_relances": ("deux relances déjà faites", "two relances made already"),
    "too_late": ("trop tard", "too late"),
    "held_out": ("groupe témoin", "hold-out group"),
    # Figures
    "mails": ("mails envoyés", "mails sent"),
    "opened": ("ouvertures", "opens"),
    "clicked": ("clics", "clicks"),
    "downloaded": ("téléchargements", "downloads"),
    "registered": ("inscriptions", "registrations"),
    "attended": ("présences", "attendances"),
    "replied": ("réponses", "replies"),
    "unsubscribed": ("désinscriptions", "unsubscribes"),
    "complained": ("plaintes", "complaints"),
    "bounced": ("adresses en échec", "bounces"),
    "prospects": ("prospects", "prospects"),
    "accepted": ("acceptés", "accepted"),
    "none": ("aucun persona", "no persona"),
}

FRENCH: Final[Words] = {
    "title": "Simulation de campagnes",
    "versus": "{one} comparé à {other}",
    "subtitle": "{weeks} semaines à partir du {start}, {contacts} contacts, heures de {zone}",
    "made_up": "dont {made_up} inventés d’après les personas",
    "seed": "Graine {seed} : la même graine donne le même rapport.",
    "skip": "Aller au contenu",
    "table": "Voir les chiffres",
    "interval": "intervalle à 90 % : {low} à {high}",
    "none_yet": "Rien à montrer pour cette période.",
    "volume": "Mails par jour",
    "volume_note": "{mails} mails sur {days} jours ; le plus chargé, le {busiest}, en compte {most}.",
    "hours": "Quand les mails partent",
    "hours_note": "Par jour de la semaine et par heure.",
    "funnel": "Le parcours, étape par étape",
    "funnel_note": "Combien y arrivent, passent à la suite ou y restent, et combien de temps.",
    "held": "Qui est retenu, et par quoi",
    "held_note": "En jours-contact : dix contacts retenus deux jours font vingt. « Hors des heures d’envoi » est l’attente ordinaire de la nuit et du week-end.",
    "caps": "Envois et plafonds",
    "caps_note": "Un plafond repousse un envoi ; il est perdu quand le contact est passé à autre chose entre-temps.",
    "exhaustion": "Quand le contenu s’épuise",
    "exhaustion_note": "Le premier contact à court de contenu, puis la moitié d’entre eux : avant ces dates, il faut du nouveau.",
    "contents": "Ce que donne chaque contenu",
    "prospects": "Prospects par semaine",
    "prospects_note": "{all} prospects en tout ({low} à {high}). Les traits montrent l’intervalle à 90 %, par rééchantillonnage des contacts.",
    "passed_over": "Envois laissés de côté par les règles",
    "answers": "Ce que répondent les ventes",
    "pace": "Budget horaire",
    "pace_note": "{limit} mails par heure ; l’heure la plus chargée en amène {busiest}. {delayed} mails attendraient, au plus {hours} h.",
    "assumptions": "Hypothèses",
    "assumptions_note": "Chaque taux et son origine. « supposé » : une hypothèse écrite faute d’historique, à corriger avec --rates.",
    "assumed": "supposé",
    "given": "donné",
    "counted": "compté",
    "faults": "Contacts qui n’ont pas pu être décidés",
    "differences": "Côte à côte",
    "differences_note": "Les mêmes contacts, dans la même humeur : ce qui diffère vient des fichiers.",
    "no_difference": "pas de différence nette",
    "weekly_difference": "Prospects par semaine : différence",
    "campaign": "Campagne", "stage": "Étape", "persona": "Persona", "language": "Langue", "week": "Semaine du",
    "day": "Jour", "hour": "Heure", "all": "Tous", "figure": "Chiffre", "difference": "Différence",
    "range": "Intervalle à 90 %", "entered": "Entrés", "before": "Déjà là", "passed": "Sautés", "moved_on": "Passés à la suite",
    "ended": "Sortis", "there": "Encore là", "exhausted": "À court", "median": "Jours (moitié)", "p90": "Jours (90 %)",
    "gate": "Retenu par", "contacts": "Contacts", "times": "Fois", "contact_days": "Jours-contact",
    "kept": "Retenus par un plafond", "sent_later": "Partis plus tard", "days_later": "Jours de retard", "lost": "Perdus",
    "waiting": "Attendent encore", "came": "Arrivés", "first": "Le premier", "half": "La moitié", "content": "Contenu",
    "sent": "Envois", "relanced": "Relances", "rate": "Taux", "value": "Valeur", "source": "Origine", "reason": "Raison",
    "days": "lun mar mer jeu ven sam dim",
    "footer": "Fait par nurture, sans réseau : tout est dans ce fichier.",
}  # fmt: skip

ENGLISH: Final[Words] = {
    "title": "Campaigns, simulated",
    "versus": "{one} against {other}",
    "subtitle": "{weeks} weeks from {start}, {contacts} contacts, times in {zone}",
    "made_up": "{made_up} of them made up from the personas",
    "seed": "Seed {seed}: the same seed gives the same report.",
    "skip": "Skip to the content",
    "table": "Show the figures",
    "interval": "90 % interval: {low} to {high}",
    "none_yet": "Nothing to show for these weeks.",
    "volume": "Mails a day",
    "volume_note": "{mails} mails on {days} days; the busiest, {busiest}, has {most}.",
    "hours": "When mails leave",
    "hours_note": "By weekday and hour.",
    "funnel": "The funnel, stage by stage",
    "funnel_note": "How many come, move on or stay, and for how long.",
    "held": "Who is held by what",
    "held_note": "In contact-days: ten contacts held for two days are twenty. “Outside sending hours” is the ordinary wait of nights and weekends.",
    "caps": "Sends and caps",
    "caps_note": "A cap moves a send to later; it is lost when the contact has gone on meanwhile.",
    "exhaustion": "When content runs out",
    "exhaustion_note": "The first contact without content, then half of them: something new is wanted before these dates.",
    "contents": "What comes of each content",
    "prospects": "Prospects a week",
    "prospects_note": "{all} prospects in all ({low} to {high}). Lines show the 90 % interval, by drawing contacts again.",
    "passed_over": "Sends left out by the rules",
    "answers": "What sales answers",
    "pace": "Hourly budget",
    "pace_note": "{limit} mails an hour; the busiest hour brings {busiest}. {delayed} mails would wait, at most {hours} h.",
    "assumptions": "Assumptions",
    "assumptions_note": "Each rate and where it is from. “assumed”: written down for want of a history, to be corrected with --rates.",
    "assumed": "assumed",
    "given": "given",
    "counted": "counted",
    "faults": "Contacts that could not be decided",
    "differences": "Side by side",
    "differences_note": "The same contacts in the same mood: what differs comes of the files.",
    "no_difference": "no clear difference",
    "weekly_difference": "Prospects a week: the difference",
    "campaign": "Campaign", "stage": "Stage", "persona": "Persona", "language": "Language", "week": "Week of",
    "day": "Day", "hour": "Hour", "all": "All", "figure": "Figure", "difference": "Difference",
    "range": "90 % interval", "entered": "Entered", "before": "Were there", "passed": "Passed", "moved_on": "Moved on",
    "ended": "Ended", "there": "There now", "exhausted": "Ran out", "median": "Days (half)", "p90": "Days (90 %)",
    "gate": "Held by", "contacts": "Contacts", "times": "Times", "contact_days": "Contact-days",
    "kept": "Kept by a cap", "sent_later": "Sent later", "days_later": "Days later", "lost": "Never sent",
    "waiting": "Still waiting", "came": "Came", "first": "The first", "half": "Half of them", "content": "Content",
    "sent": "Sent", "relanced": "Relances", "rate": "Rate", "value": "Value", "source": "From", "reason": "Reason",
    "days": "Mon Tue Wed Thu Fri Sat Sun",
    "footer": "Made by nurture; no network needed: everything is in this file.",
}  # fmt: skip

BY_LANGUAGE: Final[Mapping[str, Words]] = {"fr": FRENCH, "en": ENGLISH}


def term(word: str, language: str) -> str:
    """A gate, a reason, a figure or an answer in words."""
    if word in TERMS:
        return TERMS[word][0 if language == "fr" else 1]
    return shown("", word, language)
