import { RemedyAnswer } from '../../agent/src/wire/remedy.ts';
import type { Machine } from './machine.ts';
import { expectTrue } from './scenario.ts';

/** Hands over what it reads, as whoever holds the group may, and prints the answer. */
const HAND_OVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(open(sys.argv[2], 'rb').read())
s.shutdown(socket.SHUT_WR)
got = b''
while True:
    part = s.recv(65536)
    if not part: break
    got += part
print(got.decode())
`;
const SOCKET = '/run/compliance-agent/remedy/update_to_baseline_generation.sock';

/** Hands an order (an envelope’s JSON) straight to the generation’s remedy, past the agent, and gives its answer. */
export async function handOver(machine: Machine, envelope: string): Promise<RemedyAnswer> {
  machine.write('/opt/hand-over.py', HAND_OVER);
  machine.write('/opt/order.json', envelope);
  const { stdout, stderr } = await machine.runAs(
    'compliance-agent',
    `python3 /opt/hand-over.py ${SOCKET} /opt/order.json`,
  );
  expectTrue(stdout.startsWith('{'), `an answer: ${stdout}${stderr}`);
  return RemedyAnswer.parse(JSON.parse(stdout));
}
