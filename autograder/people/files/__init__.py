"""Files of a roster: tables, the meaning of their columns, and the people in them."""
