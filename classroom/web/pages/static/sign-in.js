// A link to sign in carries the token behind "#", which browsers send nowhere. Take it from the
// address and the history into the form. The person presses the button: a link alone signs nobody
// in, so nobody can be made to play as somebody else.
"use strict";
const sent = new URLSearchParams(location.hash.slice(1)).get("token");
if (sent) {
  history.replaceState(null, "", location.pathname + location.search);
  document.getElementById("token").value = sent;
  document.getElementById("ready").hidden = false;
  document.querySelector("#sign-in button").focus();
}
