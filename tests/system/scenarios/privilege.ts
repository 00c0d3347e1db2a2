import { bundlesOf, expectTrue, type Scenario } from '../scenario.ts';

/** What an unprivileged user may not do, and how it is told so. */
const FORBIDDEN: [what: string, command: string][] = [
  ['list the firewall', 'nft list ruleset'],
  ['flush the firewall', 'nft flush ruleset'],
  ['read a LUKS header', 'cryptsetup luksDump /dev/loop0'],
  ['start a unit', 'systemctl --no-ask-password start nix-daemon.service'],
  ['stop the agent', 'systemctl --no-ask-password stop compliance-agent.service'],
  [
    'start a remedy’s unit',
    'systemctl --no-ask-password start compliance-agent-remedy-restart_av_service@1.service',
  ],
  ['make a transient unit', 'systemd-run --no-ask-password true'],
  ['mask a unit', 'systemctl --no-ask-password mask cron.service'],
  ['write outside the state folder', 'touch /etc/x'],
  ['write root’s state', 'touch /var/lib/compliance-agent-root/state.json'],
  ['make root’s results', 'touch /var/lib/compliance-agent-root/0000000009.json'],
  ['replace a socket', 'rm /run/compliance-agent/probe/logging.sock'],
  ['listen beside the sockets', 'touch /run/compliance-agent/probe/other.sock'],
  ['read another’s keys', 'cat /root/secret.key'],
  [
    'accept a generation',
    'compliance-agent generation accept /nix/store/00000000000000000000000000000000-x',
  ],
  ['freeze', 'compliance-agent freeze'],
  ['become root', 'setpriv --reuid=0 id'],
];

export const scenario: Scenario = {
  name: 'privilege',
  proves:
    'neither the agent’s user nor another gains anything: every attempt fails, and the sockets survive all input',
  checks: { logging: { persistent: false, min_free_bytes: 0 } },
  prepare(machine) {
    machine.write('/root/secret.key', 'secret', 0o600);
    machine.write('/opt/attack.py', ATTACK);
    machine.write('/usr/lib/sysusers.d/stranger.conf', 'u stranger - "Somebody else"\n');
  },
  async play(machine, { seen }) {
    await machine.until('a first attestation', () => bundlesOf(machine, 'attestation').length > 0);
    for (const user of ['compliance-agent', 'stranger']) {
      for (const [what, command] of FORBIDDEN) {
        const { code, stdout, stderr } = await machine.runAs(user, command);
        expectTrue(code !== 0, `${user} could ${what}: ${stdout}`);
        seen(`${user} cannot ${what}: ${reason(stderr || stdout)}`);
      }
    }
    const own = await machine.runAs('stranger', 'cat /var/lib/compliance-agent/signing.key');
    expectTrue(own.code !== 0, 'a stranger reads the signing key');
    seen(`stranger cannot read the agent’s key: ${reason(own.stderr)}`);

    const sockets = (
      await machine.must(
        'ls /run/compliance-agent/probe/*.sock /run/compliance-agent/remedy/*.sock',
      )
    ).split('\n');
    for (const socket of sockets) {
      const { stdout } = await machine.runAs(
        'stranger',
        `python3 /opt/attack.py connect ${socket}`,
      );
      expectTrue(/EACCES/.test(stdout), `a stranger connects to ${socket}: ${stdout}`);
    }
    seen(`stranger connects to none of ${sockets.length} sockets: EACCES`);
    for (const kind of ['malformed', 'endless', 'silent', 'flood']) {
      for (const socket of sockets) {
        const { stdout, code } = await machine.runAs(
          'compliance-agent',
          `timeout 60 python3 /opt/attack.py ${kind} ${socket}`,
        );
        expectTrue(code === 0, `${kind} input to ${socket}: ${stdout}`);
      }
      seen(`${kind} input to all sockets from the agent’s own user`);
    }
    for (const socket of sockets) {
      await machine.until(`${socket} still answers`, async () => {
        const { stdout } = await machine.runAs(
          'compliance-agent',
          `timeout 60 python3 /opt/attack.py ask ${socket}`,
        );
        return /^[1-9]\d* bytes/.test(stdout);
      });
    }
    seen('afterwards every socket still answers');
    const failed = await machine.must(
      "systemctl list-units --failed --no-legend --plain 'compliance-agent*'",
    );
    expectTrue(failed.trim() === '', `failed units: ${failed}`);
    const results = await machine.run(
      'grep -l \'"order_id":"\' /var/lib/compliance-agent-root/results/* 2>/dev/null',
    );
    expectTrue(results.stdout === '', 'no order was accepted');
  },
};

/** The errno’s words, as the tool printed them. */
function reason(output: string): string {
  const found =
    /(permission denied|operation not permitted|access denied|interactive authentication required|only root|read-only file system|no such device|not permitted)/i.exec(
      output,
    );
  return found?.[1] ?? output.trim().split('\n').at(-1)?.slice(0, 100) ?? '';
}

const ATTACK = `
import errno, os, socket, sys, time
kind, path = sys.argv[1:3]
def connect():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(50)
    s.connect(path)
    return s
def read(s):
    got = b''
    try:
        while True:
            part = s.recv(65536)
            if not part: break
            got += part
    except ConnectionResetError:
        pass
    return got
def send(s, data):
    try:
        s.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass
try:
    if kind == 'connect':
        connect()
        print('connected')
    elif kind == 'malformed':
        for data in (b'{}', b'\\x00' * 5000, b'{"payload":"AAAA","signature":"x","key_id":"y"}', os.urandom(8000)):
            s = connect(); send(s, data)
            try: s.shutdown(socket.SHUT_WR)
            except OSError: pass
            read(s)
    elif kind == 'endless':
        s = connect()
        for _ in range(2000): send(s, b'x' * 16384)
        read(s)
    elif kind == 'silent':
        s = connect(); time.sleep(0.2); s.close()
    elif kind == 'flood':
        for _ in range(100):
            s = connect(); s.close()
    elif kind == 'ask':
        s = connect(); s.shutdown(socket.SHUT_WR)
        print(len(read(s)), 'bytes')
except OSError as error:
    print(errno.errorcode.get(error.errno, error))
    sys.exit(0 if kind == 'connect' else 1)
`;
