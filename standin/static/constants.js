"use strict";
// Absolute URLs as the real bundle has them, in the spellings a mirror meets.
self.__grok = {
  assets: "https://assets.grok.com/",
  gateway: "wss://grok.com/ws/mgw/?uid=",
  accounts: 'https://accounts.x.ai/sign-out?redirect=grok-com',
  share: `https://grok.com/share/`,
  imagine: "https:\/\/imagine-public.x.ai\/imagine-public\/images\/",
  livekit: "wss:\u002F\u002Flivekit.grok.com",
  flags: "https://featureassets.org/v1/initialize",
  lookalikes: ["https://notgrok.com/", "https://grok.com.evil.example/", "grok.company"],
};
