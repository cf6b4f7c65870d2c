"""What sample people are made of. First and last names are drawn apart: any likeness to a person is an accident."""

from collections.abc import Mapping
from typing import TypeAlias

Weighted: TypeAlias = tuple[tuple[int, str], ...]

FIRST: Mapping[str, tuple[str, ...]] = {
    "fr": (
        "Camille", "Zoé", "Jérôme", "Anaïs", "Léa", "Thibault", "Héloïse", "Maëlle", "François", "Gaëlle", "Loïc",
        "Chloé", "Benoît", "Inès", "Mathéo", "Océane", "Raphaël", "Solène", "Yann", "Élodie", "Aurélien", "Noémie",
        "Jean-Pierre", "Anne-Sophie", "Rémi", "Amélie", "Cédric", "Fatou", "Karim", "Nadia", "Émile", "Agnès",
        "Stéphane", "Éléonore", "Grégoire", "Maïa", "Sébastien", "Céleste", "Idriss", "Ségolène",
    ),
    "en": (
        "Alice", "Owen", "Saoirse", "Liam", "Femke", "Jörg", "Priya", "Callum", "Niamh", "Greta", "Tom", "Maud",
        "Eoin", "Ruth", "Sven", "Lotte", "Grace", "Aidan", "Ingrid", "Marcus",
    ),
}  # fmt: skip

LAST: Mapping[str, tuple[str, ...]] = {
    "fr": (
        "Lefèvre", "Bréchet", "Castagnède", "d'Aubigné", "de La Tour", "Delacroix-Petit", "Faucheux", "Gauthérot",
        "Hébrard", "Jouvenel", "Kerloc'h", "Lagrange", "Mazières", "Noël", "Ouvrard", "Peyrolle", "Quéméner",
        "Roussillon", "Sérurier", "Thévenot", "Urbain", "Vasseur", "Wattiaux", "Ybert", "Zeller", "Béranger", "Courtois",
        "Dufaÿ", "Esnault", "Fénelon", "Guérin", "Hautecour", "Imbert", "Janvier", "Kléber", "Loiseau", "Mérieux",
        "Nöel-Baron", "Ollivier", "Pélissier",
    ),
    "en": (
        "Ashdown", "Brackley", "Castlemaine", "Dunmore", "Everard", "Fairhurst", "Gallagher", "Hollis", "Ivory",
        "Janssen", "Kavanagh", "Lindqvist", "Marlowe", "Nightingale", "O'Rourke", "Prendergast", "Quigley", "Rademaker",
        "Schönfeld", "Tolliver",
    ),
}  # fmt: skip

COMPANIES: Mapping[str, tuple[str, ...]] = {
    "fr": (
        "Ateliers du Vercors", "Mécanique de la Bièvre", "Forges d'Aigueblanche", "Laiterie des Monts", "Plasturgie du Rhin",
        "Chimie de l'Estuaire", "Usinage Saint-Éloi", "Brasserie du Haut-Fer", "Cartonnages Réunis", "Textiles du Lys",
        "Fonderie de la Sarthe", "Verrerie du Val", "Conserverie Océane", "Tôlerie Jurassienne", "Moteurs Armoricains",
        "Outillage du Léman", "Céramiques du Midi", "Emballages Wallons", "Bois et Charpentes du Morvan", "Optique Gallienne",
    ),
    "en": (
        "Harbour Castings", "Pennine Plastics", "Blackwater Dairy", "Rhine Valley Tools", "Oakfield Packaging",
        "Severn Precision", "Polder Chemicals", "Great Lakes Forge", "Moorland Textiles", "Lagan Controls",
    ),
}  # fmt: skip

JOBS: Mapping[str, Weighted] = {
    "fr": (
        (16, "DSI"), (10, "Directeur informatique"), (8, "Directrice des systèmes d'information"), (8, "RSI"),
        (10, "Responsable informatique"), (8, "Responsable infrastructure"), (8, "Directeur des opérations"),
        (6, "Directrice industrielle"), (6, "Directeur d'usine"), (4, "Acheteur"), (5, "Chef de projet"),
        (4, "Assistante de direction"), (4, "Étudiant"), (3, "Consultante indépendante"),
    ),
    "en": (
        (20, "CIO"), (14, "IT director"), (18, "Head of IT"), (14, "IT manager"), (10, "Operations director"),
        (10, "Plant manager"), (8, "Buyer"), (6, "Student"),
    ),
}  # fmt: skip

INDUSTRIES: Mapping[str, Weighted] = {
    "fr": (
        (24, "Industrie"), (16, "Mécanique"), (10, "Métallurgie"), (14, "Agroalimentaire"), (8, "Chimie"),
        (8, "Plasturgie"), (8, "Services"), (6, "Commerce"), (6, "Santé"),
    ),
    "en": ((50, "Manufacturing"), (18, "Food"), (12, "Chemicals"), (12, "Retail"), (8, "Services")),
}  # fmt: skip

COUNTRIES: Mapping[str, Weighted] = {
    "fr": ((70, "FR"), (13, "BE"), (9, "CH"), (4, "LU"), (2, "CA"), (2, "MA")),
    "en": ((38, "GB"), (18, "IE"), (16, "NL"), (14, "DE"), (8, "US"), (6, "AU")),
}

CITIES: Mapping[str, tuple[str, ...]] = {
    "FR": ("Lyon", "Grenoble", "Nantes", "Lille", "Saint-Étienne", "Besançon", "Orléans", "Angoulême"),
    "BE": ("Liège", "Namur", "Charleroi"),
    "CH": ("Genève", "Neuchâtel", "Lausanne"),
    "LU": ("Luxembourg",),
    "CA": ("Montréal", "Québec"),
    "MA": ("Casablanca",),
    "GB": ("Leeds", "Bristol", "Glasgow"),
    "IE": ("Cork", "Galway"),
    "NL": ("Utrecht", "Eindhoven"),
    "DE": ("Köln", "Münster"),
    "US": ("Cleveland", "Milwaukee"),
    "AU": ("Perth",),
}

SPELT: Mapping[str, tuple[str, ...]] = {
    "FR": ("France", "FRANCE", "FR", "france"),
    "BE": ("Belgique", "BELGIQUE", "BE"),
    "CH": ("Suisse", "CH", "suisse"),
    "LU": ("Luxembourg", "LU"),
    "CA": ("Canada", "CA"),
    "MA": ("Maroc", "MA"),
    "GB": ("United Kingdom", "UK", "GB"),
    "IE": ("Ireland", "IE"),
    "NL": ("Netherlands", "NL"),
    "DE": ("Germany", "DE"),
    "US": ("United States", "USA", "US"),
    "AU": ("Australia", "AU"),
}
"""A country as people type it into files."""

ZONES: Mapping[str, tuple[str, ...]] = {
    "CA": ("America/Toronto",),
    "US": ("America/New_York", "America/Chicago"),
    "AU": ("Australia/Perth",),
}
"""Countries in more than one zone: their people have one of their own."""
