/**
 * What a page fetches and has to wait for, fetched before a test begins: both languages, what
 * watches, who is not heard, what explains why a device does not open, what takes another device, what changes encodings, and what goes
 * over to another relay.
 */

import "../../signalling/client/capture_trouble.js";
import "../../signalling/client/clock_doubt.js";
import "../../signalling/client/device_switch.js";
import "../../signalling/client/encoding_changes.js";
import "../../signalling/client/openings.js";
import { fetchCrossing } from "../../signalling/client/crossing_door.js";
import { fetchSilences, fetchWatches } from "../../signalling/client/observation.js";
import { fetchMoreWords, wordsFor } from "../../signalling/client/words/index.js";

export const en = wordsFor("en");
export const fr = wordsFor("fr");

await Promise.all([fetchMoreWords(en), fetchMoreWords(fr), fetchWatches(), fetchSilences(), fetchCrossing()]);
