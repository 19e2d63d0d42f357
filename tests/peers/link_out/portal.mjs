// Writing to a resident's home at the portal. Every call may be repeated, so what fails is sent again until it is taken.

export class Portal {
  constructor({ address, token }) {
    Object.assign(this, { base: `${address}/api/link-out/v1`, token, waiting: [] });
  }

  // What the portal calls a resident who has just signed in; null for who has no account there or has turned us off.
  async know(idToken) {
    const response = await this.call("POST", "/residents", { id_token: idToken });
    return response.ok ? (await response.json()).resident : null;
  }

  // Send this as soon as it can be, after what was sent before. Resolves when all of it has been tried once.
  send(method, path, body) {
    this.waiting.push({ method, path, body });
    return this.flush();
  }

  async flush() {
    return (this.flushing ??= this.sendAll().finally(() => (this.flushing = null)));
  }

  async sendAll() {
    while (this.waiting.length) {
      const { method, path, body } = this.waiting[0];
      const response = await this.call(method, path, body).catch(() => null);
      if (!response || response.status === 429 || response.status >= 500) return; // later, and in this order
      if (!response.ok) console.error(`refused: ${(await response.json()).code}`);
      this.waiting.shift();
    }
  }

  // Forget, by `forget`, all whom the portal has forgotten, and tell it so.
  async forgetErased(forget) {
    const response = await this.call("GET", "/erasures");
    if (!response.ok) return;
    for (const { resident } of (await response.json()).erasures) {
      forget(resident);
      await this.call("DELETE", `/erasures/${resident}`);
    }
  }

  call(method, path, body) {
    return fetch(this.base + path, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(5000),
    });
  }
}
