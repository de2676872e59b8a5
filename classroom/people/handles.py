"""Handles: public names of teams, made of an adjective and an animal."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Container

ADJECTIVES = (
    "able agile airy amber ample azure bold brave breezy bright brisk bronze calm candid cheery "
    "clever cosmic cosy crisp curious daring dapper deft droll eager early earnest fabled fancy "
    "fearless festive fleet fond frank fresh frosty gallant gentle gifted giddy golden graceful "
    "grand hardy hearty honest humble icy ideal jaunty jolly jovial keen kind lively loyal lucid "
    "lucky lunar lyric mellow merry mighty mild mossy neat nimble noble novel olive patient "
    "pearly placid plucky polite proud quick quiet rapid ready regal rosy royal rustic sandy "
    "serene shiny silent silver sleek snowy snug solar spry stellar steady sunny sure swift tidy "
    "upbeat valiant velvet vivid warm wise witty young zany zesty"
).split()
ANIMALS = (
    "alpaca ant antelope badger bat bear beaver bee beetle bison boar bobcat buffalo camel "
    "caracal cat chamois cheetah cicada condor cormorant cougar coyote crab crane cricket crow "
    "curlew deer dolphin dove dragonfly duck eagle egret elk ermine falcon ferret finch flamingo "
    "fox frog gannet gazelle gecko gibbon goose grebe gull hare hawk hedgehog heron hoopoe horse "
    "ibex ibis iguana jackal jackdaw jaguar kestrel kingfisher kite koala lark lemur leopard lion "
    "lizard llama lynx magpie manatee marmot marten mole moose moth narwhal newt nightjar ocelot "
    "octopus orca osprey otter owl panda panther parrot pelican penguin petrel pheasant pika "
    "plover puffin puma quail rabbit raccoon raven robin salmon seal shrew skink sparrow squid "
    "stork swallow swan tapir tern thrush tiger toad toucan trout turtle viper vole walrus wasp "
    "weasel whale wolf wombat woodpecker wren yak zebra"
).split()


def handle_for(key: str, secret: str, taken: Container[str]) -> str:
    """Return a handle for a team that is not yet taken.

    The competition's secret and the team's key determine the handle. Without the secret, a handle
    does not reveal its team. A team has different handles in different competitions.
    """
    attempt = 0
    while True:
        message = f"handle {attempt} {key}".encode()
        number = int.from_bytes(hmac.digest(secret.encode(), message, hashlib.sha256)[:8], "big")
        number, animal = divmod(number, len(ANIMALS))
        number, adjective = divmod(number, len(ADJECTIVES))
        handle = f"{ADJECTIVES[adjective]}-{ANIMALS[animal]}"
        if attempt >= 20:  # with thousands of teams, the names alone run out
            handle += f"-{number % 1000 + 1}"
        if handle not in taken:
            return handle
        attempt += 1
