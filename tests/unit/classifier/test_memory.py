"""What is remembered of pupils has bounds."""

from aanwezig.classifier.memory import Memory, Pupil
from aanwezig.law.attention import UNKNOWN_PUPIL
from aanwezig.law.standing import Standing


def remembering(*, words=100, pupils=3, of=("a", "b", "c")) -> Memory:
    memory = Memory(words=words, pupils=pupils)
    for name in of:
        memory.put(name, Pupil(UNKNOWN_PUPIL))
    return memory


def hold(memory, name, words):
    pupil = memory.get(name)
    pupil.standing = pupil.standing or Standing()
    memory.holds(name, words)


def whole(memory, *names):
    return [name for name in names if (pupil := memory.get(name)) is not None and pupil.standing is not None]


def test_the_standing_least_lately_used_goes_first_and_the_attention_stays():
    memory = remembering(words=10)
    hold(memory, "a", 4)
    hold(memory, "b", 4)
    memory.get("a")
    hold(memory, "c", 4)
    memory.trim()
    assert list(memory) == ["b", "a", "c"]
    assert whole(memory, "a", "b", "c") == ["a", "c"]


def test_words_are_counted_once_however_often_they_are_told():
    memory = remembering(words=10)
    for _ in range(5):
        hold(memory, "a", 9)
    memory.trim()
    assert whole(memory, "a") == ["a"]
    hold(memory, "a", 11)
    memory.trim()
    assert whole(memory, "a") == []


def test_pupils_are_forgotten_whole_and_take_their_words_along():
    memory = remembering(words=20, pupils=2)
    hold(memory, "a", 8)
    hold(memory, "b", 8)
    memory.get("c")
    memory.trim()
    assert list(memory) == ["b", "c"]
    assert memory.get("a") is None
    hold(memory, "b", 20)
    memory.trim()
    assert whole(memory, "b") == ["b"]


def test_nothing_is_forgotten_before_it_is_trimmed():
    memory = remembering(words=1, pupils=1)
    hold(memory, "a", 50)
    assert whole(memory, "a") == ["a"]
    assert list(memory) == ["b", "c", "a"]


def test_clear_forgets_everything():
    memory = remembering(words=10)
    hold(memory, "a", 9)
    memory.clear()
    assert list(memory) == []
    memory.put("b", Pupil(UNKNOWN_PUPIL))
    hold(memory, "b", 10)
    memory.trim()
    assert whole(memory, "b") == ["b"]
