// fhirclient (SMART on FHIR) as its users call it: read, search with paging, create, update, transaction.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const fhirclient = createRequire(import.meta.url)("fhirclient");
const { opening, documents, url, doctor, nurse } = JSON.parse(process.env.CARNET_TASK);
const request = { headers: {}, url: "/", session: {} };
const by = (token) =>
  fhirclient(request, {}).client({ serverUrl: `${url}/fhir`, tokenResponse: { access_token: token } });
const smart = by(doctor);

assert.equal(await smart.getFhirVersion(), "4.0.1");
const headers = { "Content-Type": "application/fhir+json" };
const opened = await smart.request({ url: "", method: "POST", body: JSON.stringify(opening), headers });
const record = opened.entry[0].response.location.split("/")[1];

const made = [];
for (const body of documents) {
  body.subject.reference = `Patient/${record}`;
  made.push(await smart.create(body, { headers }));
}
const query = `DocumentReference?patient=${record}&_count=2&_sort=_lastUpdated`;
const entries = await smart.request(query, { pageLimit: 0, flat: true });
const found = entries.filter((one) => one.resourceType === "DocumentReference"); // not what the server says of the search
assert.deepEqual(found.map((one) => one.id), made.map((one) => one.id));

const body = await smart.request(`DocumentReference/${made[0].id}`);
body.description = "corrected";
const changed = await smart.update(body, { headers });
assert.notEqual(changed.meta.versionId, made[0].meta.versionId);
assert.equal((await smart.request(`DocumentReference/${made[0].id}`)).description, "corrected");
const value = { coding: [{ system: documents[0].securityLabel[0].coding[0].system, code: "N" }] };
const patch = [{ op: "replace", path: "/securityLabel/0", value }];
assert.equal((await smart.patch(`DocumentReference/${made[1].id}`, patch)).id, made[1].id);
await assert.rejects(by(nurse).request(`DocumentReference/${body.id}`), /404/);
console.log(JSON.stringify({ record, documents: found.map((one) => one.id) }));
