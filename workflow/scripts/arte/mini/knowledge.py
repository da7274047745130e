"""Miniatures of knowledge, facts of a small world: sports_understanding, movie_recommendation."""

import numpy as np

from arte.mini.problem import Problem, choice, lettered, option, some, weighed

ACTIONS = {
    "soccer": ("took a corner kick", "scored a header goal", "took a goal kick", "wore shin pads"),
    "tennis": ("served an ace", "hit a forehand", "won the tie break", "lost the second set"),
    "hockey": ("hit the puck", "won the face off", "iced the puck", "was in the penalty box"),
    "baseball": ("stole second base", "hit a home run", "threw a curve ball", "struck out"),
    "basketball": ("made a free throw", "dunked the ball", "shot a jump shot", "beat the buzzer"),
}
"""Sport to its typical actions."""

_FIRST = ("Adam", "Bruno", "Carl", "David", "Emil", "Frank", "Hugo", "Ivan")
_LAST = ("Berg", "Costa", "Diaz", "Ford", "Kerr", "Lund", "Moss", "Nash", "Page", "Reed")
_MIXED = ("Shaw", "Todd", "Vega", "Wolf", "York")
_SPORTS = tuple(ACTIONS)

# Who plays what is a fact of this small world, to be known by heart: a family has one sport, except
# for the last five families, where it differs from one member to the next.
ATHLETES = {
    f"{first} {last}": _SPORTS[i % len(_SPORTS)] for i, last in enumerate(_LAST) for first in _FIRST
} | {
    f"{first} {last}": _SPORTS[(i * (k % 4 + 1) + k) % len(_SPORTS)]
    for k, last in enumerate(_MIXED)
    for i, first in enumerate(_FIRST)
}
"""Athlete to sport, by family."""

_FAMILIES = {1: 5, 2: len(_LAST), 3: len(_LAST) + len(_MIXED)}


def sports_understanding(rng: np.random.Generator, difficulty: int) -> Problem:
    """Whether an invented athlete plausibly did what belongs to one sport.

    Difficulty 1: athletes of five families; 2: of ten; 3: of five more, whose members play
    different sports.
    """
    name = choice(rng, tuple(ATHLETES)[: _FAMILIES[difficulty] * len(_FIRST)])
    plays = ATHLETES[name]
    others = tuple(sport for sport in _SPORTS if sport != plays)
    sport = plays if rng.random() < 0.5 else choice(rng, others)
    action = choice(rng, ACTIONS[sport])
    answer = "yes" if sport == plays else "no"
    relation = "match" if sport == plays else "differ"
    detailed = (
        f"We ask who {name} is . {name} is known for {plays} . We ask what it means that one "
        f"{action} . That belongs to {sport} . Compare {plays} {sport} : {relation} ."
    )
    wrong = "no" if answer == "yes" else "yes"
    return Problem(
        question=f'Is the following sentence plausible? "{name} {action}."',
        answer=answer,
        rationales={
            "steps": f"{name} plays {plays} . One {action} in {sport} . "
            f"Compare {plays} {sport} : {relation} .",
            "detailed": detailed,
            "direct": f"It is {answer} .",
            "options": f"It is yes or no . It can not be {wrong} . We keep {answer} .",
        },
    )


FILMS = {
    "space": ("Orbit", "Comet", "Rocket", "Saturn", "Nebula", "Meteor"),
    "war": ("Bunker", "Trench", "Convoy", "Siege", "Sniper", "Truce"),
    "crime": ("Heist", "Alibi", "Ransom", "Forger", "Bandit", "Verdict"),
    "ghosts": ("Crypt", "Seance", "Specter", "Attic", "Coffin", "Phantom"),
    "love": ("Bouquet", "Wedding", "Letters", "Darling", "Valentine", "Kisses"),
    "ships": ("Harbor", "Lagoon", "Mermaid", "Anchor", "Whaler", "Reef"),
}
"""Genre to the films of this small world, to be known by heart."""

_GENRE = {title: genre for genre, titles in FILMS.items() for title in titles}
_SHOWN = {1: 2, 2: 3, 3: 4}
_OFFERED = {1: 3, 2: 4, 3: 5}


def movie_recommendation(rng: np.random.Generator, difficulty: int) -> Problem:
    """Which film is of the genre of the films shown, or of most of them.

    Difficulty 1: two films of one genre, three options; 2: three films, four options; 3: four films
    of which one is of another genre, five options of which one is of that other genre too.
    """
    genre, other, *rest = some(rng, tuple(FILMS), len(FILMS))
    *shown, right = some(rng, FILMS[genre], _SHOWN[difficulty] + 1)
    wrong = some(rng, tuple(t for name in (other, *rest) for t in FILMS[name]), 5)
    if difficulty == 3:
        odd, decoy = some(rng, FILMS[other], 2)
        shown[rng.integers(len(shown))] = odd
        wrong = [decoy, *(title for title in wrong if title not in (odd, decoy))]
    offered = some(rng, (right, *wrong[: _OFFERED[difficulty] - 1]), _OFFERED[difficulty])
    answer = option(offered.index(right))
    known, each, tried, tries = [], [], [], []
    for title in shown:
        known.append(f"{title} {_GENRE[title]}")
        each.append(f"{title} is about {_GENRE[title]} .")
    for number, title in enumerate(offered[: offered.index(right) + 1]):  # none after the right one
        verdict = "match" if title == right else "differ"
        tried.append(f"{option(number)} {title} {_GENRE[title]} {genre} {verdict}")
        tries.append(
            f"Option {option(number)} {title} is about {_GENRE[title]} . "
            f"Compare {_GENRE[title]} {genre} : {verdict} ."
        )
    return Problem(
        question=lettered(f"Find a movie similar to {', '.join(shown)}:", offered),
        answer=answer,
        rationales={
            "steps": f"{' , '.join(known)} : {genre} . {' , '.join(tried)} .",
            "detailed": f"{' '.join(each)} So we look for {genre} . {' '.join(tries)} "
            f"We found {genre} in {answer} .",
            "direct": f"It is {answer} .",
            "options": weighed(answer, len(offered)),
        },
    )
