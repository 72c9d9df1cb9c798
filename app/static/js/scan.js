// Serial numbers by the camera where the browser reads barcodes; a scanner that types, and a keyboard, need nothing of this.
(function () {
  "use strict";
  var place = document.querySelector("[data-scan]");
  if (!place || !("BarcodeDetector" in window) || !navigator.mediaDevices) { return; }
  var field = document.getElementById(place.dataset.scan), button = place.querySelector("button"), video = place.querySelector("video");
  var stream = null, last = "";
  place.hidden = false;
  function stop() {
    if (stream) { stream.getTracks().forEach(function (track) { track.stop(); }); }
    stream = null; video.hidden = true;
  }
  function add(code) {
    if (!code || code === last) { return; }
    last = code;
    field.value = field.value.replace(/\s*$/, "") + (field.value.trim() ? "\n" : "") + code + "\n";
  }
  function look(detector) {
    if (!stream) { return; }
    detector.detect(video).then(function (found) { found.forEach(function (each) { add(each.rawValue); }); }, function () { /* the next picture */ })
      .then(function () { window.setTimeout(function () { look(detector); }, 300); });
  }
  button.addEventListener("click", function () {
    if (stream) { stop(); return; }
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).then(function (given) {
      stream = given; video.srcObject = given; video.hidden = false;
      return video.play();
    }).then(function () { look(new window.BarcodeDetector()); }, stop);
  });
})();
