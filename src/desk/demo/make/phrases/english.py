"""English."""

from desk.demo.make.language import Language, Topic

__all__ = ["ENGLISH"]

ENGLISH = Language(
    weight=34,
    given=("Alice", "Oliver", "Priya", "Marcus", "Hannah", "Theo", "Grace", "Samuel", "Imogen"),
    family=("Harlow", "Whitcombe", "Osei", "Penhale", "Kirkby", "Lund", "Ashdown", "Merrick"),
    greetings=("Hello,", "Hi team,", "Good morning,", "Dear service desk,", ""),
    details=(
        "It worked until last week and I have changed nothing since.",
        "Two colleagues at the next desks see the same thing.",
        "Restarting did not help, and neither did another network cable.",
        "It comes and goes, mostly between nine and ten in the morning.",
        "The message on the screen ends with the number {n}.",
        "I can work around it for today, but not for the end of the month.",
        "A screenshot is on the team share, folder {n}.",
    ),
    closings=(
        "You can reach me at extension {n}.",
        "Thank you for having a look.",
        "I am at my desk until half past four.",
        "Please call before you come by.",
        "",
    ),
    questions=(
        "Thanks for the report. Since when does it happen, and on which device?",
        "Could you tell me the exact wording of the message?",
        "Does it also happen when you are not connected to the dock?",
        "I looked at the log of device {n}. May I connect to your screen at two?",
    ),
    replies=(
        "It started on Tuesday after the update.",
        "Yes, I tried that twice with the same result.",
        "Two o'clock is fine, I have closed everything else.",
        "The message says that the session {n} has ended.",
    ),
    notes=(
        "Same cause as in the ticket of last week; the fix is in the next release.",
        "The warranty of this device runs until next spring.",
        "Asked the network people to look at port {n}.",
    ),
    thanks=("Works again, thank you!", "Great, you can close this.", "Solved. That was quick."),
    topics=(
        Topic(
            type="Incident",
            tags=("vpn", "network"),
            subjects=("VPN drops every few minutes", "No connection from home since the update"),
            texts=(
                (
                    "the connection to the office breaks off about every ten minutes and I have to"
                    " enter the code again each time."
                ),
                "since the update on Monday the tunnel comes up, but no internal page opens.",
            ),
            answers=(
                "The gateway had an old certificate. It is renewed, please connect once more.",
                "I raised the timeout for your profile. It should hold for a whole day now.",
            ),
        ),
        Topic(
            type="Incident",
            tags=("printer",),
            subjects=("Printer on floor {n} prints blank pages", "Paper jam that is none"),
            texts=(
                "the printer next to the kitchen takes the job, runs, and gives out empty sheets.",
                "the display reports a paper jam in tray two although every tray is clean.",
            ),
            answers=("The toner sensor was dirty. I cleaned it and printed a test page.",),
        ),
        Topic(
            type="Question",
            tags=("account", "password"),
            subjects=("Locked out after changing my password", "Password reset mail never arrives"),
            texts=(
                (
                    "I changed my password yesterday and today the mail program on my phone locked"
                    " the account."
                ),
                "I asked for a reset three times, but no mail has come, not even as spam.",
            ),
            answers=(
                "I unlocked the account. Please remove the old password from the phone first.",
            ),
        ),
        Topic(
            type="Task",
            tags=("onboarding", "hardware"),
            subjects=("New colleague starts at desk {n}", "Laptop for a new team member"),
            texts=(
                "we need a laptop, a badge and access to the project folder for our new colleague.",
                "please prepare a workplace with two screens; the contract is signed.",
            ),
            answers=("Everything is ready and lies in locker {n} at the front desk.",),
        ),
        Topic(
            type="Problem",
            tags=("reporting", "finance"),
            subjects=("Totals in the monthly report differ", "Report {n} ends in a time-out"),
            texts=(
                "the sum at the end of the monthly report is lower than the sum of its pages.",
                "the report runs for a quarter of an hour and then stops without a file.",
            ),
            answers=(
                "Cancelled orders were counted twice. The corrected report is in your inbox.",
            ),
        ),
        Topic(
            type="Question",
            tags=("software",),
            subjects=("Licence for the drawing program", "Which version should we use?"),
            texts=(
                "the drawing program says that my licence ends in {n} days. Who renews it?",
                "half of our team has the old version and files no longer open on both sides.",
            ),
            answers=("The licences are renewed by us each autumn. Yours is extended now.",),
        ),
        Topic(
            type="Incident",
            tags=("mail",),
            subjects=("Mails to a customer come back", "Shared mailbox is empty this morning"),
            texts=(
                "every mail to one customer comes back: our address is blocked there.",
                "the shared mailbox of the team shows no messages at all since this morning.",
            ),
            answers=("The filter of the other side took us for a sender of spam; it is lifted.",),
        ),
    ),
)
