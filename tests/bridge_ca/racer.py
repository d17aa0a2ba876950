"""A process that issues, revokes and issues CRLs: python -m tests.bridge_ca.racer URL ROUNDS"""

from __future__ import annotations

import sys

from tests.bridge_ca.house import House, issuer

if __name__ == "__main__":
    house = House(sys.argv[1], issuer("ecdsa"))
    for turn in range(int(sys.argv[2])):
        house.revoke(house.issue().reservation.serial)
        house.crl(complete=turn % 2 == 0)
    house.database.close()
    print("done", flush=True)
