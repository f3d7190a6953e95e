import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ref } from "vue";

import { session } from "@/api/session";
import { someone } from "@/api/someone";

import { mounted } from "../cameras/mounting";
import type { CameraFile, CameraFileDetail, Export, Hold, Retention } from "./data";
import { bodyOf, decidable, draftOf, fetchable, found } from "./files";
import PrivacyPage from "./PrivacyPage.vue";

const ZONE = "Asia/Shanghai";
const AT = "2026-01-01T00:00:00Z";
const LATER = "2126-01-01T00:00:00Z";

const route = vi.hoisted(() => ({ query: {} as Record<string, string> }));
vi.mock("vue-router", () => ({ useRoute: () => route, RouterLink: { template: "<a><slot /></a>" } }));

const hub = vi.hoisted(() => ({
  ...{ writeFile: vi.fn(), askExport: vi.fn(), decideExport: vi.fn(), fetchExport: vi.fn(), placeHold: vi.fn(), endHold: vi.fn(), reload: vi.fn() },
  ...{ files: [] as CameraFile[], exports: [] as Export[], holds: [] as Hold[], retention: undefined as Retention | undefined, fails: false },
}));
vi.mock("./data", () => {
  const query = <T>(data: () => T) => ({ data: ref(hub.fails ? undefined : data()), isError: ref(hub.fails), error: ref(null), refetch: vi.fn() });
  return {
    ...hub,
    useFiles: () => query(() => ({ items: hub.files, next: null, total: hub.files.length, incomplete: 1 })),
    useFile: () => query(() => ({ ...hub.files[0], versions: [] }) as CameraFileDetail),
    useExports: () => query(() => hub.exports),
    useHolds: () => query(() => hub.holds),
    useRetention: () => query(() => hub.retention),
  };
});

const EMPTY = { purpose: null, purpose_note: "", location: "", sign_posted: null, sign_posted_at: null, sign_posted_by: null, filing_number: "", retention_days: null, retention_ground: null, consent_id: null };

function aFile(camera: string, more: Partial<CameraFile> = {}): CameraFile {
  const head = { camera, name: `Name of ${camera}`, owner: "Roads", owner_kind: "public" as const, place_class: "street" as const, place: null };
  return { ...head, content: EMPTY, percent: 0, missing: ["purpose", "place"], version: 0, written_at: null, written_by: null, ...more };
}

function anExport(id: string, more: Partial<Export> = {}): Export {
  const asked = { incident_id: "i1", evidence_ids: ["e1"], reason: "police" as const, note: "theft", receiver: "Police", legal_ground: "Letter 8", free_words: false };
  const made = { asked_by: "Li", asked_at: AT, decided_by: null, decided_at: null, decision_note: "", failure: "", ready_at: null, fetch_until: null };
  return { id, number: `EX-${id}`, ...asked, state: "asked", ...made, fetches_left: 3, size_bytes: null, sha256: null, mine: false, ...more };
}

function aHold(id: string, more: Partial<Hold> = {}): Hold {
  return { id, incident_id: "i1", title: "A fire", reason: "court", note: "Letter 3", until: null, entered_at: AT, entered_by: "Chen", ended_at: null, ended_by: null, ended_note: null, in_force: true, ...more };
}

describe("a camera's file", () => {
  const full = aFile("gate-1", { version: 3, content: { ...EMPTY, purpose: "traffic", sign_posted: true, sign_posted_at: "2025-12-31T16:00:00Z", retention_days: 30, retention_ground: "site" } });
  const day = (at: string): string => new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE }).format(new Date(at));

  it("is written as it was read", () => {
    const body = bodyOf(draftOf(full, day), 3, ZONE);
    expect(body).toMatchObject({ version: 3, purpose: "traffic", sign_posted: true, sign_posted_at: "2025-12-31T16:00:00.000Z", retention_days: 30, retention_ground: "site", consent_id: null });
    expect(bodyOf(draftOf(aFile("a"), day), 0, ZONE)).toEqual({ version: 0, ...EMPTY });
  });

  it("has no day of a sign that is not posted", () => {
    expect(bodyOf({ ...draftOf(full, day), sign: "no" }, 3, ZONE)).toMatchObject({ sign_posted: false, sign_posted_at: null });
  });

  it("is found by camera and owner", () => {
    const files = [aFile("gate-1"), aFile("yard-1", { owner: "Mill" })];
    expect(found(files, "mill").map(({ camera }) => camera)).toEqual(["yard-1"]);
    expect(found(files, "gate roads").map(({ camera }) => camera)).toEqual(["gate-1"]);
  });
});

describe("an export", () => {
  it("is decided by another, and fetched by who asked", () => {
    expect([decidable(anExport("a"), true), decidable(anExport("a", { mine: true }), true), decidable(anExport("a"), false)]).toEqual([true, false, false]);
    const ready = anExport("a", { state: "ready", mine: true, fetch_until: LATER });
    const now = Date.parse(AT);
    expect(fetchable(ready, true, now)).toBe(true);
    expect([{ mine: false }, { fetches_left: 0 }, { fetch_until: AT }, { state: "expired" as const }].map((more) => fetchable({ ...ready, ...more }, true, now))).toEqual([false, false, false, false]);
  });
});

describe("the page of privacy", () => {
  let view: VueWrapper;
  const at = (name: string) => view.find(`[data-test="${name}"]`);
  async function open(tab: string, ...actions: string[]): Promise<void> {
    route.query = { tab };
    view = mounted(PrivacyPage, {}, someone("Li", "privacy", actions));
    await flushPromises();
  }

  beforeEach(() => {
    hub.files.push(aFile("gate-1"), aFile("yard-1", { percent: 85, missing: ["sign"] }));
    hub.exports.push(anExport("a"), anExport("own", { mine: true, state: "ready", fetch_until: LATER }));
    hub.holds.push(aHold("h"), aHold("old", { in_force: false, ended_at: AT, ended_by: "Chen", ended_note: "given back" }));
    for (const each of [hub.writeFile, hub.askExport, hub.decideExport, hub.placeHold, hub.endHold]) each.mockReset().mockResolvedValue({ kind: "ok", value: {} });
    vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1_200);
  });
  afterEach(() => {
    view.unmount();
    hub.files.length = hub.exports.length = hub.holds.length = 0;
    hub.retention = undefined;
    hub.fails = false;
    session.me = null;
    vi.restoreAllMocks();
  });

  it("shows the tabs that one may see, the first where none is named", async () => {
    await open("", "holds.read", "exports.read");
    expect([at("tab-exports").exists(), at("tab-files").exists(), at("exports").exists()]).toEqual([true, false, true]);
  });

  it("says of each camera what its file wants, and writes it", async () => {
    await open("files", "camera_files.read", "camera_files.write");
    expect(at("file-yard-1").text()).toContain("85%");
    expect(at("file-yard-1").text()).toContain("sign");
    await at("file-open-gate-1").trigger("click");
    await at("file-location").setValue("pole 7");
    await at("file-form").trigger("submit");
    expect(hub.writeFile.mock.calls[0]).toMatchObject(["gate-1", { version: 0, location: "pole 7" }]);
  });

  it("lets nobody write who only reads", async () => {
    await open("files", "camera_files.read");
    await at("file-open-gate-1").trigger("click");
    expect(at("file-save").exists()).toBe(false);
  });

  it("asks for an export only with everything said", async () => {
    await open("exports", "exports.read", "exports.ask");
    await at("export-new").trigger("click");
    await at("export-form").trigger("submit");
    expect(hub.askExport).not.toHaveBeenCalled();
    for (const [name, value] of Object.entries({ incident: "i1", receiver: "Police", ground: "Letter 8", note: "theft" })) await at(`export-${name}`).setValue(value);
    await at("export-form").trigger("submit");
    expect(hub.askExport).toHaveBeenCalledWith({ incident_id: "i1", evidence_ids: [], reason: "police", receiver: "Police", legal_ground: "Letter 8", note: "theft", free_words: false });
  });

  it("takes free words along only where that is chosen, and says so", async () => {
    await open("exports", "exports.read", "exports.ask");
    await at("export-new").trigger("click");
    for (const [name, value] of Object.entries({ incident: "i1", receiver: "Police", ground: "Letter 8", note: "theft" })) await at(`export-${name}`).setValue(value);
    await at("export-words").setValue(true);
    await at("export-form").trigger("submit");
    expect(hub.askExport.mock.calls.at(-1)?.[0]).toMatchObject({ free_words: true });
  });

  it("refuses one only with a reason, and offers no decision on one's own", async () => {
    await open("exports", "exports.read", "exports.decide", "exports.fetch");
    expect([at("export-yes-a").exists(), at("export-yes-own").exists(), at("export-fetch-own").exists()]).toEqual([true, false, true]);
    await at("export-no-a").trigger("click");
    await at("confirm-yes").trigger("click");
    expect(hub.decideExport).not.toHaveBeenCalled();
    await at("export-decision-note").setValue("no letter");
    await at("confirm-yes").trigger("click");
    expect(hub.decideExport).toHaveBeenCalledWith("a", false, "no letter");
  });

  it("places a hold and ends one with a word why", async () => {
    await open("holds", "holds.read", "holds.write");
    expect([at("hold-h").attributes("data-standing"), at("hold-old").text().includes("given back"), at("hold-end-old").exists()]).toEqual(["true", true, false]);
    await at("hold-new").trigger("click");
    await at("hold-incident").setValue("i9");
    await at("hold-note").setValue("Letter 4");
    await at("hold-until").setValue("2026-02-01");
    await at("hold-form").trigger("submit");
    expect(hub.placeHold).toHaveBeenCalledWith({ incident_id: "i9", reason: "court", note: "Letter 4", until: "2026-02-01T16:00:00.000Z" });
    await at("hold-end-h").trigger("click");
    await at("hold-end-note").setValue("given back");
    await at("confirm-yes").trigger("click");
    expect(hub.endHold).toHaveBeenCalledWith("h", "given back");
  });

  it("tells each class and the ledger", async () => {
    const counted = { kept_since: AT, files: true, erased: false, deleted: 12, deleted_at: AT };
    hub.retention = {
      classes: [{ name: "people/accounts/1095", days: 1095, ...counted, erased: true }, { name: "unlinked", days: 1, ...counted }],
      deletions: [{ id: "d1", kind: "alerts", at: AT, total: 12, first_at: AT, last_at: AT, digest: "ab".repeat(32), sealed_words: "alerts 12 sha256:…" }],
    };
    await open("retention", "retention.read");
    expect(at("class-unlinked").text()).toContain("24 hours");
    expect(at("class-people/accounts/1095").text()).toContain("names erased");
    expect(at("deletion-d1").text()).toContain("ab".repeat(32));
  });

  it.each(["files", "exports", "holds", "retention"])("says what went wrong with %s", async (tab) => {
    hub.fails = true;
    await open(tab, "camera_files.read", "exports.read", "holds.read", "retention.read");
    expect(at("error").exists()).toBe(true);
  });
});
