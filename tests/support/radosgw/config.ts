import { join } from "node:path";

/** The daemons' ports on loopback; the osd takes those that it finds free. */
export interface CephPorts {
  mon: number;
  s3: number;
}

/**
 * The configuration of the smallest Ceph that stores objects: one mon, one osd in memory, nobody
 * asks who speaks to them, and a radosgw that gives out session tokens.
 */
export function cephConfig(dir: string, fsid: string, ports: CephPorts): string {
  return `\
[global]
fsid = ${fsid}
mon host = v1:127.0.0.1:${ports.mon}
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
auth cluster required = none
auth service required = none
auth client required = none
run dir = ${dir}
admin socket = ${join(dir, "$name.asok")}
log file = ${join(dir, "$name.log")}
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon osd min in ratio = 0
mon data avail crit = 1
paxos propose interval = 0.02
paxos min wait = 0.01
[mon.a]
mon data = ${join(dir, "mon")}
[osd.0]
osd data = ${join(dir, "osd")}
osd objectstore = memstore
memstore device bytes = 268435456
osd class update on start = false
osd crush update on start = false
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:${ports.s3}
rgw data = ${join(dir, "rgw")}
rgw thread pool size = 32
rgw enable usage log = false
rgw run sync thread = false
rgw enable lc threads = false
rgw enable gc threads = false
rgw enable quota threads = false
rgw s3 auth use sts = true
rgw sts key = abcdefghijklmnop
`;
}
