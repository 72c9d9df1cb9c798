"""Values of JSON no honest provider sends."""

import json

from hypothesis import strategies as st

#: Any value of JSON, and the NaN and Infinity that Python writes beside it.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)
#: Bodies that are no JSON, or JSON of anything.
BODIES = st.binary() | JSON.map(json.dumps).map(str.encode)
