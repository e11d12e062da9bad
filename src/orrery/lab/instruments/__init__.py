"""What a hub should spend on: its instruments towards its neighbours, compared at equal cost."""

from orrery.lab.instruments.comparison import Comparison as Comparison
from orrery.lab.instruments.comparison import Question as Question
from orrery.lab.instruments.comparison import compare_instruments as compare_instruments
from orrery.lab.instruments.instruments import INSTRUMENTS as INSTRUMENTS
from orrery.lab.instruments.outcomes import OUTCOMES as OUTCOMES
from orrery.lab.instruments.prices import Prices as Prices
from orrery.lab.instruments.prices import load_prices as load_prices
from orrery.lab.instruments.setting import Setting as Setting
from orrery.lab.instruments.setting import scenario_around as scenario_around
