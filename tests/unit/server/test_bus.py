import asyncio

from server.bus import QUEUE, Bus, News


def news(site="shop", kind="window", number=0):
    return News(site, kind, "b1", None, float(number))


def test_a_listener_hears_its_site_and_leaves_nothing_behind():
    async def run():
        bus = Bus()
        with bus.listen("shop") as queue:
            bus.tell(news())
            bus.tell(news("elsewhere"))
            assert queue.get_nowait() == news()
            assert queue.empty()
            assert len(bus) == 1
        assert len(bus) == 0

    asyncio.run(run())


def test_a_listener_that_sleeps_loses_the_oldest():
    async def run():
        bus = Bus()
        with bus.listen("shop") as queue:
            for number in range(QUEUE + 10):
                bus.tell(news(number=number))
            assert queue.qsize() == QUEUE
            assert queue.get_nowait().t == 10

    asyncio.run(run())


def test_everyone_hears_the_end_and_who_comes_later_too():
    async def run():
        bus = Bus()
        with bus.listen("shop") as early:
            bus.close()
            with bus.listen("shop") as late:
                assert early.get_nowait() is None
                assert late.get_nowait() is None

    asyncio.run(run())
