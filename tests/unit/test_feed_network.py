"""Our own outage is told from that of a site."""

import threading

from transforms.feeds.network import MIN_SITES, WITHIN_S, Network


def test_one_site_that_fails_again_and_again_is_its_own_failure() -> None:
    network = Network()
    assert not any(network.failed("a.example", now=minute * 60.0) for minute in range(100))


def test_several_sites_shortly_after_each_other_are_our_outage_until_one_answers() -> None:
    network = Network()
    told = [network.failed(f"s{n}.example", now=float(n)) for n in range(MIN_SITES)]
    assert told == [False] * (MIN_SITES - 1) + [True]
    assert network.failed("a.example", now=10 * WITHIN_S), "nothing has answered since"
    network.answered()
    assert not network.failed("a.example", now=10 * WITHIN_S + 1)


def test_sites_that_fail_hours_apart_are_no_outage() -> None:
    network = Network()
    assert not any(network.failed(f"s{n}.example", now=n * (WITHIN_S + 1)) for n in range(20))


def test_threads_may_note_at_once() -> None:
    network = Network()
    threads = [threading.Thread(target=network.failed, args=(f"s{n}.example",), kwargs={"now": 1.0}) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert network.failed("s0.example", now=1.0)
