from server.auth import Throttle


def test_the_key_waits_until_its_oldest_failure_is_past():
    throttle = Throttle(most=2, within_s=10)
    throttle.failed("a", now=0)
    assert throttle.wait_s("a", now=1) == 0
    throttle.failed("a", now=4)
    assert throttle.wait_s("a", now=5) == 5
    assert throttle.wait_s("b", now=5) == 0
    assert throttle.wait_s("a", now=10) == 0


def test_it_remembers_a_bounded_number_of_keys():
    throttle = Throttle(most=1, within_s=10, keys=3)
    for i in range(5):
        throttle.failed(str(i), now=0)
    assert [throttle.wait_s(str(i), now=1) > 0 for i in range(5)] == [False, False, True, True, True]
