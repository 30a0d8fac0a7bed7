// Passkeys: asks the node what to ask the device, and brings back what it answers.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const post = async (path, body) => {
  const reply = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const said = await reply.json();
  if (!reply.ok) throw new Error(said.trouble);
  return said;
};

const add = async (asked) => {
  asked.challenge = bytes(asked.challenge);
  asked.user.id = bytes(asked.user.id);
  asked.excludeCredentials = asked.excludeCredentials.map((known) => ({ ...known, id: bytes(known.id) }));
  const made = await navigator.credentials.create({ publicKey: asked });
  return answer(made, { attestationObject: text(made.response.attestationObject) });
};

const show = async (asked) => {
  asked.challenge = bytes(asked.challenge);
  const shown = await navigator.credentials.get({ publicKey: asked });
  return answer(shown, { authenticatorData: text(shown.response.authenticatorData), signature: text(shown.response.signature) });
};

const answer = (credential, more) => ({
  id: credential.id,
  rawId: text(credential.rawId),
  type: credential.type,
  response: { clientDataJSON: text(credential.response.clientDataJSON), ...more },
});

const trouble = (words) => {
  const place = document.getElementById("trouble");
  place.textContent = words;
  place.hidden = false;
};

const act = async (button) => {
  const form = button.dataset.form && document.getElementById(button.dataset.form);
  const said = form ? Object.fromEntries(new FormData(form)) : {};
  delete said.password;
  if (form && ![...form.querySelectorAll("[required]")].every((field) => field.reportValidity())) return;
  button.disabled = true;
  try {
    const asked = await post(button.dataset.ask, said);
    let given;
    try {
      given = await (button.dataset.passkey === "add" ? add(asked) : show(asked));
    } catch {
      throw new Error(button.dataset.none);
    }
    location.assign((await post(button.dataset.answer, { ...said, answer: JSON.stringify(given) })).to);
  } catch (error) {
    trouble(error.message);
    button.disabled = false;
  }
};

if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;
  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", () => act(button));
  }
}
