import { createRequire as slipwayCreateRequire } from "node:module"; const require = slipwayCreateRequire(import.meta.url);
import{a as n}from"./chunk-XNJTHONN.js";function s(o){let t=JSON.stringify(o);return Buffer.byteLength(t)<=6e4?t:""}n(s,"smallJson");export{s as a};
