"""French and Spanish."""

from desk.demo.make.language import Language, Topic

__all__ = ["FRENCH", "SPANISH"]

FRENCH = Language(
    weight=9,
    given=("Éloïse", "Benoît", "Maëlle", "Cédric", "Hélène", "Loïc"),
    family=("Lefèvre", "Châtelain", "Dupré", "Garçon", "Montfaucon", "Perrault"),
    greetings=("Bonjour,", "Bonjour à tous,", ""),
    details=(
        "Cela marchait encore très bien hier soir.",
        "Un redémarrage n’a rien changé.",
        "Le message porte le numéro {n}.",
        "Deux collègues du même étage ont le même souci.",
    ),
    closings=("Vous pouvez me joindre au poste {n}.", "Merci d’avance.", ""),
    questions=("Merci. Depuis quand le problème apparaît-il ?", "Sur quel appareil, exactement ?"),
    replies=("Depuis mardi, juste après la mise à jour.", "Sur le portable numéro {n}."),
    notes=("Même cause que la semaine dernière, transmis au réseau.",),
    thanks=("Tout remarche, merci beaucoup !", "Parfait, on peut clore."),
    topics=(
        Topic(
            type="Incident",
            tags=("réseau",),
            subjects=("Plus d’accès au dossier partagé", "Connexion coupée toutes les dix minutes"),
            texts=(
                "depuis ce matin le dossier partagé de l’équipe demande un mot de passe inconnu.",
                "la liaison avec le bureau se coupe sans prévenir, surtout en visioconférence.",
            ),
            answers=("Le certificat avait expiré. Reconnectez-vous une fois, s’il vous plaît.",),
        ),
        Topic(
            type="Question",
            tags=("compte",),
            subjects=("Mot de passe oublié après les congés", "Accès pour une stagiaire"),
            texts=(
                "au retour des congés je ne retrouve plus mon mot de passe.",
                "notre stagiaire arrive lundi et aura besoin d’un accès à la comptabilité.",
            ),
            answers=("Le compte est débloqué, un code vous attend à l’accueil.",),
        ),
        Topic(
            type="Task",
            tags=("matériel",),
            subjects=("Écran pour le bureau {n}", "Clavier à remplacer"),
            texts=(
                "la touche « é » ne répond plus, ce qui complique un peu la correspondance.",
                "il nous faudrait un second écran avec son câble.",
            ),
            answers=("Le matériel est prêt et déjà inscrit à l’inventaire.",),
        ),
    ),
)

SPANISH = Language(
    weight=8,
    given=("Íñigo", "Begoña", "Ramón", "Lucía", "Andrés", "Nuria"),
    family=("Muñoz Peña", "Ibáñez", "Cañizares", "Güell", "Ordóñez"),
    greetings=("Buenos días:", "Hola a todos:", ""),
    details=(
        "Hasta el viernes funcionaba sin problema.",
        "Ya reinicié el equipo dos veces.",
        "El mensaje termina con el número {n}.",
        "¿Puede ser por la actualización de anoche?",
    ),
    closings=("Estoy en la extensión {n}.", "Muchas gracias.", ""),
    questions=("Gracias por avisar. ¿Desde cuándo ocurre?", "¿Me puede enviar el mensaje exacto?"),
    replies=("Desde el martes por la mañana.", "Sí, ya lo probé y sigue igual."),
    notes=("Misma causa que la semana pasada.",),
    thanks=("Ya funciona, ¡mil gracias!", "Resuelto, se puede cerrar."),
    topics=(
        Topic(
            type="Incident",
            tags=("impresora",),
            subjects=("La impresora del piso {n} no responde", "Sale la mitad de la página"),
            texts=(
                "la impresora acepta el trabajo, pero no sale ninguna hoja.",
                "cada factura se corta por la mitad y falta el total.",
            ),
            answers=("Cambié el cartucho y la prueba sale bien.",),
        ),
        Topic(
            type="Question",
            tags=("cuenta",),
            subjects=("Cuenta bloqueada", "¿Quién autoriza el acceso a nóminas?"),
            texts=(
                "después de tres intentos mi cuenta quedó bloqueada y tengo el cierre hoy.",
                "necesito consultar las nóminas de mi equipo y no sé a quién pedir permiso.",
            ),
            answers=("La cuenta está desbloqueada; cambie la contraseña al entrar.",),
        ),
        Topic(
            type="Problem",
            tags=("informe",),
            subjects=("El informe {n} tarda una eternidad", "Faltan filas en el informe"),
            texts=(
                "el informe tarda media hora y a veces termina sin archivo.",
                "en el informe de ayer faltan todos los pedidos de la tarde.",
            ),
            answers=("Añadimos un índice: ahora tarda segundos.",),
        ),
    ),
)
