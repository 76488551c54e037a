"use strict";
/* Whoever signs in next finds nothing of the last one: Grok's page shares this origin and keeps
   drafts and caches here. Browsers heed Clear-Site-Data on https only, and then this is idle. */
localStorage.clear();
sessionStorage.clear();
indexedDB.databases?.().then((all) => all.forEach(({ name }) => indexedDB.deleteDatabase(name)));
self.caches?.keys().then((names) => names.forEach((name) => caches.delete(name)));
navigator.serviceWorker?.getRegistrations()
  .then((workers) => workers.forEach((worker) => worker.unregister()));
