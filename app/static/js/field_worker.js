"use strict";
// Serves the page of rounds, and what it is made of, where there is no link; what is fetched and sent goes past it.
const CACHE = "field-1";
const PAGE = "/field/";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function keep(request, response) {
  if (response.ok && !response.redirected) {
    const cache = await caches.open(CACHE);
    await cache.put(request, response.clone());
  }
  return response;
}

async function fresh(request) {
  try {
    return await keep(PAGE, await fetch(request));
  } catch (error) {
    const kept = await caches.match(PAGE);
    if (kept) return kept;
    throw error;
  }
}

async function kept(request) {
  return (await caches.match(request)) || keep(request, await fetch(request));
}

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && address.pathname === PAGE) event.respondWith(fresh(event.request));
  else if (address.pathname.startsWith("/static/")) event.respondWith(kept(event.request));
});
