"""German."""

from desk.demo.make.language import Language, Topic

__all__ = ["GERMAN"]

GERMAN = Language(
    weight=16,
    given=("Jürgen", "Anneliese", "Björn", "Käthe", "Matthias", "Sabine", "Götz", "Ulrike"),
    family=("Groß", "Müllerschön", "Weidenbach", "Kühnert", "Straßner", "Brandl", "Öttinger"),
    greetings=("Guten Morgen,", "Hallo zusammen,", "Sehr geehrte Damen und Herren,", ""),
    details=(
        "Bis gestern Abend ging noch alles, geändert habe ich nichts.",
        "Ein Neustart hat leider nichts gebracht.",
        "Die Meldung trägt die Nummer {n}.",
        "Im Nachbarbüro tritt derselbe Fehler auf.",
        "Für heute behelfe ich mir mit dem Gerät meiner Kollegin.",
    ),
    closings=(
        "Für Rückfragen bin ich unter der Durchwahl {n} zu erreichen.",
        "Vielen Dank für die Mühe.",
        "Ich bin heute bis siebzehn Uhr im Haus.",
        "",
    ),
    questions=(
        "Danke für die Meldung. Seit wann besteht das Problem genau?",
        "Können Sie mir den Wortlaut der Fehlermeldung schicken?",
        "Darf ich mich um vierzehn Uhr auf Ihren Bildschirm schalten?",
    ),
    replies=(
        "Seit Dienstag, gleich nach der Aktualisierung.",
        "Ja, vierzehn Uhr passt gut.",
        "Das habe ich schon versucht, es bleibt bei der Meldung {n}.",
    ),
    notes=("Gleiche Ursache wie letzte Woche, Übergabe an das Netzteam.", "Gerät ist in Garantie."),
    thanks=(
        "Läuft wieder, herzlichen Dank!",
        "Prima, kann geschlossen werden.",
        "Erledigt, danke.",
    ),
    topics=(
        Topic(
            type="Incident",
            tags=("netzwerk", "vpn"),
            subjects=("Kein Zugriff aus dem Heimbüro", "Verbindung bricht ständig ab"),
            texts=(
                (
                    "von zu Hause aus komme ich seit heute früh nicht mehr auf das Laufwerk der"
                    " Abteilung; es heißt, der Name sei unbekannt."
                ),
                "die Verbindung ins Büro bricht alle paar Minuten ab, meist mitten im Gespräch.",
            ),
            answers=("Das Zertifikat war abgelaufen. Bitte einmal ab- und wieder anmelden.",),
        ),
        Topic(
            type="Incident",
            tags=("drucker",),
            subjects=("Drucker im Großraumbüro {n} streikt", "Umlaute fehlen im Ausdruck"),
            texts=(
                "der Drucker zieht kein Papier mehr ein und blinkt nur noch gelb.",
                "auf Lieferscheinen fehlen seit gestern alle Umlaute und das Eszett.",
            ),
            answers=("Einzugsrolle getauscht, Probedruck ist sauber.",),
        ),
        Topic(
            type="Question",
            tags=("konto",),
            subjects=("Kennwort vergessen", "Freigabe für den Ordner Buchhaltung"),
            texts=(
                "nach dem Urlaub fällt mir mein Kennwort nicht mehr ein, drei Versuche sind weg.",
                "für die Vertretung von Frau Straßner brauche ich Zugriff auf ihren Ordner.",
            ),
            answers=("Ich habe das Konto entsperrt; die Zugangsdaten liegen am Empfang.",),
        ),
        Topic(
            type="Task",
            tags=("hardware",),
            subjects=("Zweiter Bildschirm für Platz {n}", "Umzug von vier Arbeitsplätzen"),
            texts=(
                "bitte einen zweiten Bildschirm samt Kabel für den neuen Arbeitsplatz vorsehen.",
                "am Freitag ziehen wir in den dritten Stock, vier Geräte müssen mit.",
            ),
            answers=("Bildschirm steht bereit und ist im Bestand eingetragen.",),
        ),
        Topic(
            type="Problem",
            tags=("bericht",),
            subjects=("Summen im Monatsbericht stimmen nicht", "Auswertung {n} ist leer"),
            texts=(
                "die Endsumme liegt um genau einen Betrag unter der Summe der Seiten.",
                "die Auswertung läuft durch, enthält aber keine einzige Zeile.",
            ),
            answers=("Stornierte Aufträge wurden doppelt abgezogen, das ist behoben.",),
        ),
    ),
)
