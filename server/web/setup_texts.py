"""The texts of the set-up page's scripts, in the reader's language, by the keys they ask for.

A text may hold `%(name)s`, which the script fills in, and `*facts*` where it says so. A text that goes with a number
is a form per plural category, as `Intl.PluralRules` names them.
"""

from collections.abc import Callable

from server.web.language import Words

Texts = dict[str, str | dict[str, str]]

_CATEGORIES = {"one": 1, "few": 2, "many": 5, "other": 2}
"""A number of each category, in English and in Russian."""


def texts(words: Words) -> Texts:
    """Every text of the page's scripts."""
    subjects = (_answers, _points, _kinds, _units, _fields, _hints, _drawing, _changes, _versions, _pictures, _saving)
    return {key: value for subject in subjects for key, value in subject(words).items()}


def _plural(words: Words) -> Callable[[str, str], dict[str, str]]:
    """What `ngettext` is where the number is not known yet: a form per category."""

    def forms(one: str, many: str) -> dict[str, str]:
        return {category: words.ngettext(one, many, n) for category, n in _CATEGORIES.items()}

    return forms


def _answers(words: Words) -> Texts:
    text, ngettext = words.gettext, _plural(words)
    return {
        "askFloor": text("What does the store look like?"),
        "askCamera": text("Does camera %(n)s know where the floor is?"),
        "askNoCamera": text("Where does each camera look?"),
        "answerNoFloor": text("There is *no floor plan* yet: upload one and draw a known length on it."),
        "answerNoCamera": text("There is *no camera* yet: name one in a box’s edge.yaml, and it appears here."),
        "answerNone": text("Not yet: match *four points* of still and plan, such as corners of shelves on the floor."),
        "answerMore": ngettext(
            "Match *%(n)s more point* of still and plan; then this camera knows where the floor is.",
            "Match *%(n)s more points* of still and plan; then this camera knows where the floor is.",
        ),
        "answerFour": text(
            "Four points fit *exactly*, which proves nothing: match *a fifth* to see how far it is off."
        ),
        "answerGood": text("Within *%(rms)s* on average. *Every point* is within *%(limit)s*."),
        "answerBad": text(
            "Within *%(rms)s* on average. *Point %(i)s* is off by *%(worst)s*: move it, or leave it out and reach "
            "%(better)s."
        ),
        "answerBadAll": text(
            "Within *%(rms)s* on average. *Point %(i)s* is off by *%(worst)s*, and leaving it out does not help: "
            "check the others, or straighten the still."
        ),
        "answerBadFew": text(
            "Within *%(rms)s* on average. *Point %(i)s* is off by *%(worst)s*: move it, or match more."
        ),
        "calibrationFew": text("Match *four points* of still and plan at least."),
        "calibrationSpot": text("All points lie on *one spot*: spread them over the floor."),
        "calibrationLine": text("The points lie *on one line*, or coincide: spread them over the floor."),
        "calibrationBehind": text("Some points come to lie *behind the camera*: check for swapped points."),
        "calibrationMirrored": text("The points *mirror* the floor: left and right are swapped in some of them."),
        "metaStart": text("Everything here is a draft until it is sent."),
        "metaCamera": text("Camera %(n)s, %(name)s."),
        "metaPoints": ngettext(
            "%(n)s matched point, root mean square error on the floor.",
            "%(n)s matched points, root mean square error on the floor.",
        ),
        "metaStill": text("The still has no people in it and is shown to administrators only."),
        "metaReader": text("Only administrators see the still and change anything here."),
    }


def _points(words: Words) -> Texts:
    text = words.gettext
    return {
        "points": text("Points"),
        "noPoints": text("None yet. Choose “Point pair”, then click the same place on the still and on the plan."),
        "pointNumber": text("Number"),
        "matchedPoint": text("Matched point"),
        "stillPx": text("Still, px"),
        "planM": text("Plan, m"),
        "errorLimit": text("Error, limit %(limit)s"),
        "actions": text("Actions"),
        "leaveOut": text("Leave out"),
        "leftOut": text("left out"),
        "putBack": text("Put back"),
        "rms": text("rms %(rms)s"),
        "rmsWithout": text("without point %(i)s, %(rms)s"),
        "onTheFloor": text("On the floor"),
        "corner_top_left": text("upper left"),
        "corner_top_right": text("upper right"),
        "corner_bottom_left": text("lower left"),
        "corner_bottom_right": text("lower right"),
        "pointOnStill": text("Point %(words)s, on the still"),
        "pointOnPlan": text("Point %(words)s, on the plan"),
        "nowOnPlan": text("now on the plan"),
        "nowOnStill": text("now on the still"),
        "pointTitle": text("Point %(i)s"),
        "standsOn": text("Stands on"),
        "onPlan": text("On the plan"),
        "onStill": text("On the still"),
    }


def _kinds(words: Words) -> Texts:
    text = words.gettext
    return {
        "kind_area": text("Zone"),
        "kind_category": text("Category"),
        "kind_queue": text("Queue"),
        "kind_entrance": text("Entrance area"),
        "kind_street": text("Before the door"),
        "kind_view": text("Whole view"),
        "kind_line": text("Line"),
        "kind_entry": text("Entrance"),
        "kind_screen": text("Screen"),
        "kind_mask": text("Privacy mask"),
        "kind_outline": text("Outer walls"),
        "kind_shelf": text("Shelf"),
        "kind_table": text("Display table"),
        "kind_till": text("Till"),
        "kind_wall": text("Wall"),
        "kind_closed": text("Closed area"),
        "kind_green": text("Green"),
    }


def _units(words: Words) -> Texts:
    text = words.gettext
    return {"m": text("m"), "m2": text("m²"), "cm": text("cm"), "s": text("s"), "degrees": "°"}


def _fields(words: Words) -> Texts:
    text, ngettext = words.gettext, _plural(words)
    return {
        "name": text("Name"),
        "kind": text("Kind"),
        "area": text("Area"),
        "corners": ngettext("%(n)s corner", "%(n)s corners"),
        "ofPicture": text("of the picture"),
        "seen": text("Seen"),
        "seenByNone": text("no camera sees it"),
        "byCameras": ngettext("camera %(cameras)s", "cameras %(cameras)s"),
        "overlaps": text("Overlaps"),
        "noOverlap": text("nothing"),
        "whollyInside": text("wholly inside"),
        "engagedAfter": text("Engaged after"),
        "mostPeople": text("Alarm above, people"),
        "longestWait": text("Alarm above, wait"),
        "noLimit": text("none"),
        "counts": text("Counts"),
        "countsFootfall": text("as footfall"),
        "length": text("Length"),
        "direction": text("Direction"),
        "arrowIsIn": text("the arrow points in"),
        "turnRound": text("Turn round"),
        "facing": text("Looks towards"),
        "seenFrom": text("Seen from"),
        "noZone": text("no zone"),
        "at": text("Hangs at"),
        "height": text("Height"),
        "effect": text("Effect"),
        "maskEffect": text("blacked out before anything looks at the picture"),
        "store": text("The store"),
        "camera": text("Camera"),
        "smallestPerson": text("Smallest person"),
        "ofWidth": text("of the picture’s width"),
        "sees": text("Sees"),
        "ofFloor": text("%(share)s of the floor"),
        "copy": text("Copy"),
        "delete": text("Delete"),
    }


def _hints(words: Words) -> Texts:
    text = words.gettext
    return {
        "things": text("What is drawn"),
        "nothingDrawn": text("Nothing yet. Choose a tool above and draw on the plan."),
        "toMend": text("to mend"),
        "hintThings": text("Choose one here or on the plan."),
        "hintSelected": text("Tab to reach corners, arrows move 10 cm"),
        "hintPoint": text("Arrows move it, 1 cm on the plan"),
        "hint_select": text("Choose a thing, drag it or its corners. Double rings are matched points."),
        "hint_pair": text("Click a place on the still, then the same on the plan. Arrows and Space work too."),
        "hint_area": text("Snaps to walls and 10 cm. Enter closes, Esc takes back a corner."),
        "hint_line": text("Two ends; the arrow shows where “in” is. Esc takes back an end."),
        "hint_screen": text("Click where it hangs, then where it looks."),
        "hint_measure": text("Click both ends of something whose length you know."),
        "hint_reader": text("For reading only."),
        "hint_none": text("Upload a floor plan first."),
        "hint_masks": text("Draw the mask on the still."),
    }


def _drawing(words: Words) -> Texts:
    text = words.gettext
    return {
        "place": text("%(x)s across, %(y)s down"),
        "cornerOf": text("Corner %(i)s of %(n)s"),
        "scaleTitle": text("How long is it?"),
        "scaleAsk": text("True length"),
        "scaleSet": text("Set the scale"),
        "scaleNow": text("At the present scale it is %(length)s."),
        "still": text("Still"),
        "plan": text("Plan"),
        "planLabel": text("Floor plan: Tab reaches what is drawn, plus and minus zoom"),
        "stillLabel": text("Still: Tab reaches what is drawn, plus and minus zoom"),
    }


def _changes(words: Words) -> Texts:
    text, ngettext = words.gettext, _plural(words)
    return {
        "nChanges": ngettext("%(n)s change", "%(n)s changes"),
        "noChanges": text("no changes"),
        "andMore": ngettext("and %(n)s more", "and %(n)s more"),
        "change_new": text("new"),
        "change_gone": text("deleted"),
        "change_changed": text("changed"),
        "count_calibration": ngettext("%(n)s point changed", "%(n)s points changed"),
        "count_masks": ngettext("%(n)s mask changed", "%(n)s masks changed"),
        "count_fixtures": ngettext("%(n)s changed", "%(n)s changed"),
        "cameraWords": text("Camera %(name)s"),
        "part_name": text("name"),
        "part_calibration": text("matched points"),
        "part_lens": text("straightening"),
        "part_masks": text("privacy masks"),
        "part_resolution_px": text("picture size"),
        "part_landmarks": text("landmarks"),
        "part_smallest_person": text("smallest person"),
        "part_timezone": text("Time zone"),
        "part_gap_s": text("Longest absence"),
        "part_most_people": text("Most people"),
        "part_bounds_m": text("Size of the floor"),
        "part_cell_m": text("Heatmap cell"),
        "part_plan": text("Picture of the plan"),
        "part_outline_m": text("Outer walls"),
        "part_fixtures": text("Fixtures"),
        "thing_zones": text("Zone"),
        "thing_lines": text("Line"),
        "thing_screens": text("Screen"),
    }


def _versions(words: Words) -> Texts:
    text = words.gettext
    return {
        "changesTitle": text("Changes since version %(version)s"),
        "versionsTitle": text("Versions"),
        "version": text("Version"),
        "author": text("Saved by"),
        "savedAt": text("When"),
        "whatChanged": text("What changed"),
        "boxes": text("In force on"),
        "inForce": text("in force"),
        "backTo": text("Back to %(version)s"),
        "wentBack": text("The draft is now as version %(version)s was. Send it to put it in force, or undo."),
        "byFile": text("the site file"),
        "byLink": text("a login link"),
        "close": text("Close"),
        "backToPrevious": text("back to %(version)s"),
        "seeChanges": text("See changes"),
        "draft": text("Draft %(version)s"),
        "unchanged": text("Version %(version)s, no changes"),
        "recalled": text("Your draft of last time is here again."),
        "notKept": text("This browser keeps no drafts: send before you leave the page."),
    }


def _pictures(words: Words) -> Texts:
    text = words.gettext
    return {
        "planTaken": text("The plan is here. Draw a length you know on it to set its scale."),
        "pageTitle": text("Which page holds the floor plan?"),
        "page": text("Page"),
        "takePage": text("Take this page"),
        "stillDeleted": text("The still is deleted."),
        "stillAsked": text("The box was asked; it waits for places that people leave free."),
        "stillTaken": text("A new still is here."),
        "stillMissing": text("No still has come yet; it appears here when it does."),
        "stillOf": text("Still, %(when)s"),
        "uploadPlan": text("Upload a plan"),
        "setScale": text("set its scale"),
        "drawWalls": text("draw the walls"),
        "takeNew": text("Take a new one"),
        "takeFirst": text("Take one"),
        "upload": text("upload"),
        "deleteStill": text("delete"),
        "taking": text("waiting for the box…"),
        "adminsOnly": text("Shown to administrators only."),
        "noStill": text("No still of this camera yet. Ask its box for one, or drop a picture without people here."),
        "noPlan": text("No floor plan yet. Drop one here, or choose a file: PNG, JPEG, PDF or SVG."),
    }


def _saving(words: Words) -> Texts:
    text = words.gettext
    return {
        "saved": text("Version %(version)s is saved and on its way to the boxes."),
        "refused": text("Not sent:"),
        "notSent": text("The server does not answer. Your draft is kept; try again."),
        "newer": text("Version %(version)s was saved by %(author)s meanwhile. Your draft is kept."),
        "review": text("Review"),
        "merged": text("Your draft now stands on version %(version)s. Look it over and send it."),
        "conflictTitle": text("Two people have changed this store"),
        "conflictIntro": text(
            "%(author)s saved version %(version)s on %(when)s, while you were drawing. Nothing is lost."
        ),
        "theirChanges": text("What %(author)s changed"),
        "myChanges": text("What you changed"),
        "bothChanged": text("Both of you changed"),
        "mine": text("Mine"),
        "theirs": text("Theirs"),
        "merge": text("Put both together"),
        "keepMine": text("Keep only mine"),
        "later": text("Decide later"),
        "discarded": text("The draft is discarded; Undo brings it back."),
    }
