"""What the sign for the shop's door says, in its two languages."""

from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "ru"]

_ENGLISH = {
    "title": "Cameras count people here",
    "title_demographics": "Cameras here count people and estimate age and gender",
    "lead": "{operator} counts with cameras how many people come, where they stop and for how long, so as to run "
    "{shop} better.",
    "lead_screens": "{operator} counts with cameras how many people come, where they stop and for how long, so as to "
    "run {shop} better and to choose what its screens show.",
    "counted": "What is counted",
    "places": "how many people come, pass and leave; where they walk and stop, and for how long",
    "pace": "how many walk together; whether people pass, stroll or stand",
    "screens": "how many are in front of a screen, and for how long they are turned towards it",
    "belongings": "whether people have something with them, such as a bicycle, a suitcase or a pushchair",
    "estimate": "gender and age band (0–17, 18–34, 35–54, 55 and over), which a computer estimates from near faces",
    "estimate_wrong": "the estimate is often wrong about one person, so it is used for sums over many people only",
    "estimate_use": "no screen changes because of the estimate for someone who is there alone, or may be a child",
    "not_done": "What is not done",
    "no_pictures": "no picture or video of you is kept, shown to anybody or sent anywhere",
    "no_faces": "faces are not looked for, nor are age and gender estimated",
    "no_recognition": "nobody is recognised: no names, no face prints; nobody is known again on another day",
    "how_long": "How long",
    "pictures_go": "pictures: a fraction of a second, in the memory of a computer in this shop",
    "persons_go": "what is known of one person: only while the cameras see them",
    "counts_stay": "what stays are counts; one that tells people apart leaves the computer only when it holds at least "
    "{smallest} of them",
    "basis": "On what grounds",
    "until": "in force to the end of {day}",
    "who": "Who runs the cameras",
    "contact": "questions, access, objection: {contact}",
    "ask_staff": "for questions, please ask our staff",
    "foot": "Vitrina, profile {profile}; {shop}, {box}",
    "months": "January February March April May June July August September October November December",
    "day": "{day} {month} {year}",
}

_RUSSIAN = {
    "title": "Здесь камеры считают людей",
    "title_demographics": "Здесь камеры считают людей и оценивают возраст и пол",
    "lead": "{operator} с помощью камер считает, сколько людей приходит, где и как долго они останавливаются, чтобы "
    "лучше устроить магазин «{shop}».",
    "lead_screens": "{operator} с помощью камер считает, сколько людей приходит, где и как долго они останавливаются, "
    "чтобы лучше устроить магазин «{shop}» и выбирать, что показывать на его экранах.",
    "counted": "Что считается",
    "places": "сколько людей приходит, проходит и уходит; где они идут и останавливаются и как надолго",
    "pace": "сколько людей идёт вместе; проходят они мимо, прогуливаются или стоят",
    "screens": "сколько людей находится перед экраном и как долго они к нему повёрнуты",
    "belongings": "есть ли у людей с собой, например, велосипед, чемодан или детская коляска",
    "estimate": "пол и возрастная группа (0–17, 18–34, 35–54, 55 лет и старше): их оценивает компьютер по лицам "
    "вблизи камеры",
    "estimate_wrong": "об отдельном человеке оценка часто ошибочна, поэтому она используется только в суммах "
    "по многим людям",
    "estimate_use": "экран не меняется из-за оценки того, кто стоит перед ним один или может быть ребёнком",
    "not_done": "Чего не происходит",
    "no_pictures": "ваши изображения и видео не хранятся, никому не показываются и никуда не передаются",
    "no_faces": "лица не ищутся, возраст и пол не оцениваются",
    "no_recognition": "никого не узнают: нет ни имён, ни отпечатков лиц; в другой день никто не будет узнан снова",
    "how_long": "Как долго",
    "pictures_go": "изображения: доли секунды, в памяти компьютера в этом магазине",
    "persons_go": "сведения об одном человеке: только пока его видят камеры",
    "counts_stay": "остаются количества; то, что различает людей, покидает компьютер, только когда их набралось "
    "не меньше {smallest}",
    "basis": "На каком основании",
    "until": "действует до конца дня {day}",
    "who": "Кому принадлежат камеры",
    "contact": "вопросы, доступ к сведениям, возражения: {contact}",
    "ask_staff": "с вопросами обращайтесь к нашим сотрудникам",
    "foot": "Vitrina, профиль {profile}; {shop}, {box}",
    "months": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "day": "{day} {month} {year} г.",
}

WORDS: Mapping[Language, Mapping[str, str]] = {"en": _ENGLISH, "ru": _RUSSIAN}
