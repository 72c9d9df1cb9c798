"use strict";
// Rounds of an inspector: points and acts lie in IndexedDB; each act has a UUID of its own and is sent until the server has answered.
(function () {
  const $ = (id) => document.getElementById(id);
  const texts = JSON.parse($("texts").textContent);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_whole, name) => values[name]);
  const RETRY_MS = 15000;
  const LONGEST_SIDE = 1600;
  const KEPT_DAYS = 14;
  let database, token, user, highTimes = 4, points = [], stock = {}, open = null, isSyncing = false, strange = "";

  function say(id, text) { $(id).textContent = text || ""; $(id).hidden = !text; }

  async function begin() {
    database = await idb.openDB("field", 2, {
      upgrade(made, before) {
        if (before < 1) {
          made.createObjectStore("meta");
          made.createObjectStore("points", { keyPath: "id" });
          made.createObjectStore("acts", { keyPath: "uuid" });
        }
        made.createObjectStore("photos");
      },
    });
    user = await database.get("meta", "user");
    highTimes = (await database.get("meta", "high_times")) || highTimes;
    stock = (await database.get("meta", "seals")) || stock;
    points = await database.getAll("points");
    await show();
    await register();
    await sync();
    setInterval(sync, RETRY_MS);
  }

  async function register() {
    if (!("serviceWorker" in navigator)) return;
    try {
      await navigator.serviceWorker.register("/field/worker.js");
      await navigator.serviceWorker.ready;
      const cache = await caches.open("field-1");
      const own = [...document.querySelectorAll("link[href], script[src]")].map((each) => each.href || each.src);
      await Promise.all([location.pathname, ...own].map((each) => cache.add(each)));
      document.documentElement.dataset.offline = "ready";
    } catch (error) { /* without a link the worker of before serves */ }
  }

  async function sync() {
    if (isSyncing) return;
    isSyncing = true;
    try {
      await fetchPoints();
      await sendActs();
      link(true);
    } catch (error) {
      link(false);
    } finally {
      isSyncing = false;
      await show();
    }
  }

  function link(isThere) {
    $("link").textContent = isThere ? $("link").dataset.on : $("link").dataset.off;
    $("link").className = isThere ? "good" : "bad";
  }

  async function fetchPoints() {
    const answer = await fetch("/field/points.json", { headers: { Accept: "application/json" } });
    $("login").hidden = answer.ok;
    if (!answer.ok) throw new Error(answer.status);
    const found = await answer.json();
    token = found.token;
    user = found.user;
    highTimes = found.high_times;
    const change = database.transaction(["points", "meta"], "readwrite");
    await change.objectStore("points").clear();
    for (const each of found.points) await change.objectStore("points").put(each);
    await change.objectStore("meta").put(user, "user");
    await change.objectStore("meta").put(highTimes, "high_times");
    await change.objectStore("meta").put(found.seals, "seals");
    await change.done;
    points = found.points;
    stock = found.seals;
  }

  // What the server could not take now waits, and holds up nothing that comes after it.
  async function sendActs() {
    let failed = 0;
    for (const act of await database.getAll("acts")) {
      if (act.user !== user) continue;
      if (act.state !== "waiting") { await forgetOld(act); continue; }
      const answer = await send(act);
      if (answer.status === 413) await answered(act, { state: "REFUSED", reason: texts.photo });
      else if (answer.status === 200 || answer.status === 422) await answered(act, await answer.json());
      else failed = answer.status;
    }
    if (failed) throw new Error(failed);
  }

  async function send(act) {
    const photo = await database.get("photos", act.uuid);
    const body = JSON.stringify({ sent_at: new Date().toISOString(), act: photo ? { ...act.sent, photo } : act.sent });
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token };
    return fetch("/field/acts.json", { method: "POST", headers, body });
  }

  async function answered(act, told) {
    act.state = told.state === "REFUSED" ? "refused" : "sent";
    act.reason = told.reason || "";
    act.warnings = [told.is_clock_off ? texts.clock : "", told.is_read_already ? texts.read : "", told.seal].filter(Boolean);
    if (act.state === "sent") { delete act.sent.photo; await database.delete("photos", act.uuid); }
    await database.put("acts", act);
    if (act.state === "refused") say("told", fill(texts.refused, act));
    else if (act.warnings.length) say("told", act.warnings.join(" "));
  }

  async function forgetOld(act) {
    if (Date.now() - Date.parse(act.sent.done_at) <= KEPT_DAYS * 86400000) return;
    await database.delete("photos", act.uuid);
    await database.delete("acts", act.uuid);
  }

  function stateOf(point, acts) {
    const mine = acts.filter((act) => act.sent.point === point.id);
    const last = mine[mine.length - 1];
    if (last && last.state === "waiting") return [texts.waiting, ""];
    if (last && last.state === "refused") return [fill(texts.refused, last), "bad"];
    if (point.state === "REFUSED") return [fill(texts.returned, { reason: point.remark }), "bad"];
    if (point.state === "ACCEPTED") return [texts.accepted, "good"];
    return point.state || last ? [texts.proposed, "good"] : ["", ""];
  }

  async function show() {
    const acts = (await database.getAll("acts")).sort((one, other) => one.sent.done_at.localeCompare(other.sent.done_at));
    const waiting = acts.filter((act) => act.state === "waiting").length;
    $("counts").textContent = fill($("counts").dataset.text, { points: points.length, waiting });
    const wanted = $("filter").value.trim().toLowerCase();
    const rows = points.filter((point) => !wanted || JSON.stringify([point.number, point.address, point.consumer, point.meters]).toLowerCase().includes(wanted));
    $("empty").hidden = points.length > 0;
    $("points").replaceChildren(...rows.map((point) => row(point, acts)));
    if (open) showActs(acts.filter((act) => act.sent.point === open.id));
  }

  function row(point, acts) {
    const line = document.createElement("li"), button = document.createElement("button"), more = document.createElement("small");
    const [state, look] = stateOf(point, acts);
    button.type = "button";
    button.dataset.point = point.id;
    button.textContent = point.place + ". " + point.address;
    more.textContent = [point.number, point.reason, point.order ? point.order.kind : "", state].filter(Boolean).join(" · ");
    more.className = look;
    button.append(more);
    button.addEventListener("click", () => enter(point));
    line.append(button);
    return line;
  }

  function showActs(acts) {
    $("acts").replaceChildren(...acts.map((act) => {
      const line = document.createElement("li");
      const state = act.state === "waiting" ? texts.waiting : act.state === "sent" ? texts.sent : fill(texts.refused, act);
      line.textContent = [new Date(act.sent.done_at).toLocaleString(), Object.values(act.sent.dials).join(", "), act.sent.remark, state, ...act.warnings].filter(Boolean).join(" · ");
      return line;
    }));
  }

  function enter(point) {
    open = point;
    $("point").reset();
    for (const each of document.querySelectorAll("[data-of]")) {
      each.textContent = each.dataset.of === "order" ? (point.order ? point.order.kind + ", " + point.order.term : "") : point[each.dataset.of];
    }
    $("order").hidden = !point.order;
    $("hour").value = new Date().toLocaleTimeString("en-GB", { timeZone: "Asia/Tashkent", hour: "2-digit", minute: "2-digit" });
    $("dials").replaceChildren(...point.meters.flatMap(field));
    offerSeals(point);
    $("works").hidden = !(point.works || []).length;
    $("hours").replaceChildren(...(point.works || []).flatMap(hoursOf));
    say("doubt", ""); say("refused", ""); say("told", "");
    say("point-remark", point.state === "REFUSED" ? fill(texts.returned, { reason: point.remark }) : "");
    $("sure-line").hidden = true;
    $("list").hidden = true;
    $("point").hidden = false;
    show();
  }

  const keyOf = (number) => number.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "").replace(/^0+/, "");

  // The brigade's seals that no act of this phone has used, and those on the meter, to be told broken.
  async function offerSeals(point) {
    const used = await usedSeals();
    const mine = (stock[point.brigade] || []).filter((number) => !used.has(keyOf(number)));
    $("stock").replaceChildren(...mine.map((number) => Object.assign(document.createElement("option"), { value: number })));
    strange = "";
    const there = point.seals || [];
    $("there").hidden = !there.length;
    $("broken").replaceChildren(...there.map((seal) => {
      const label = document.createElement("label"), box = document.createElement("input");
      box.type = "checkbox";
      box.value = seal.number;
      label.append(box, " " + seal.number + " · " + seal.part);
      return label;
    }));
  }

  async function usedSeals() {
    const kept = (await database.getAll("acts")).filter((act) => act.state !== "refused" && act.sent.seal && act.sent.point !== open.id);
    return new Set(kept.map((act) => keyOf(act.sent.seal)));
  }

  // What is wrong with the seal, in words: used by this phone already; or not in the stock, which is asked about once.
  async function faultOfSeal(number) {
    if (!number) return "";
    if ((await usedSeals()).has(keyOf(number))) return fill(texts.used, { seal: number });
    const mine = stock[open.brigade];
    if (!mine || strange === number || mine.some((each) => keyOf(each) === keyOf(number))) return "";
    strange = number;
    return fill(texts.seal, { seal: number });
  }

  function field(meter) {
    const label = document.createElement("label"), input = document.createElement("input");
    label.htmlFor = input.id = "dial-" + meter.register;
    label.textContent = meter.meter + " · " + meter.code + (meter.last === null ? "" : " (" + meter.last / 1000 + ", " + meter.last_on + ")");
    input.inputMode = "decimal";
    input.autocomplete = "off";
    input.addEventListener("input", () => { $("sure-line").hidden = true; $("sure").checked = false; say("doubt", ""); });
    return [label, input];
  }

  function hoursOf(work) {
    const label = document.createElement("label"), input = document.createElement("input");
    label.htmlFor = input.id = "work-" + work.id;
    label.textContent = work.name;
    input.inputMode = "decimal";
    input.autocomplete = "off";
    return [label, input];
  }

  // What is odd about the dials, in words; empty: nothing.
  function doubtOf(dials) {
    for (const meter of open.meters) {
      const written = dials[meter.register];
      if (written === undefined || meter.last === null) continue;
      const shown = Math.round(parseFloat(written.replace(",", ".")) * 1000), used = shown - meter.last;
      const days = Math.max(1, Math.round((Date.now() - Date.parse(meter.last_on)) / 86400000));
      if (used < 0) return fill(texts.lower, { last: meter.last / 1000 });
      if (meter.usual > 0 && used > meter.usual * days * highTimes) return fill(texts.high, { times: Math.round(used / (meter.usual * days)) });
    }
    return "";
  }

  // What was written into fields, by the key of each.
  function written(keys, prefix) {
    const found = {};
    for (const key of keys) {
      const value = $(prefix + key).value.trim();
      if (value) found[key] = value;
    }
    return found;
  }

  async function save(event) {
    event.preventDefault();
    const dials = written(open.meters.map((each) => each.register), "dial-");
    const works = written((open.works || []).map((each) => each.id), "work-");
    const chosen = document.querySelector("input[name=done]:checked").value || (Object.keys(works).length ? "WORK_DONE" : "");
    const fault = faultOf(dials, works, chosen);
    if (fault) return say("refused", fault);
    const seal = $("seal").value.trim(), wrongSeal = await faultOfSeal(seal);
    if (wrongSeal) return say("refused", wrongSeal);
    const doubt = doubtOf(dials);
    if (doubt && !$("sure").checked) { $("sure-line").hidden = false; return say("doubt", doubt); }
    let photo = null;
    try { photo = await picture(); } catch (error) { return say("refused", texts.photo); }
    const sent = {
      uuid: made(), point: open.id, kind: chosen || (Object.keys(dials).length ? "READING" : "VISIT"), done_at: new Date().toISOString(),
      dials, works, sure: $("sure").checked, seal, sealed_part: seal ? $("sealed_part").value : "",
      broken: brokenSeals(), remark: $("remark").value.trim(),
    };
    if (chosen.startsWith("ORDER")) Object.assign(sent, { consent: $("consent").value, witness_1: $("witness_1").value.trim(), witness_2: $("witness_2").value.trim() });
    if (chosen === "ORDER_DONE") sent.hour = $("hour").value;
    await keep({ uuid: sent.uuid, user, state: "waiting", reason: "", warnings: [], sent }, photo);
    back();
    say("told", texts.kept);
    await show();
    sync();
  }

  // Photographs lie apart: the list reads all acts each time it is shown.
  async function keep(act, photo) {
    const change = database.transaction(["acts", "photos"], "readwrite");
    if (photo) await change.objectStore("photos").put(photo, act.uuid);
    await change.objectStore("acts").put(act);
    await change.done;
  }

  const brokenSeals = () => [...document.querySelectorAll("#broken input:checked")].map((box) => box.value);

  function faultOf(dials, works, chosen) {
    if (Object.values(works).some((each) => !/^[0-9]{1,3}([.,][0-9]{1,3})?$/.test(each))) return texts.hours;
    if (Object.values(dials).some((each) => !/^[0-9]{1,9}([.,][0-9]{1,3})?$/.test(each))) return texts.dial;
    if (chosen === "ORDER_DONE" && !$("hour").value) return texts.hour;
    const isThere = chosen || Object.keys(dials).length || $("seal").value.trim() || brokenSeals().length || $("remark").value.trim() || $("photo").files.length;
    return isThere ? "" : texts.nothing;
  }

  function made() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  // The photograph, made small, as base64.
  async function picture() {
    const file = $("photo").files[0];
    if (!file) return null;
    const drawn = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(drawn.width, drawn.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(drawn.width * scale);
    canvas.height = Math.round(drawn.height * scale);
    canvas.getContext("2d").drawImage(drawn, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL("image/jpeg", 0.8).split(",")[1];
  }

  function back() {
    open = null;
    $("point").hidden = true;
    $("list").hidden = false;
  }

  $("point").addEventListener("submit", save);
  $("back").addEventListener("click", () => { back(); show(); });
  $("sync").addEventListener("click", () => sync());
  $("filter").addEventListener("input", () => show());
  window.addEventListener("online", () => sync());
  window.addEventListener("offline", () => link(false));
  begin();
})();
