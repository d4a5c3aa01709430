"""words.py FILE ROWSxCOLUMNS VALUES...: an int32 .npy array; a value may be a range
a..b, what is missing is -1. Without columns, a vector."""
import array
import sys

path, shape, *texts = sys.argv[1:]
sizes = [int(size) for size in shape.split("x")]
values = []
for text in texts:
    first, _, last = text.partition("..")
    values += range(int(first), int(last or first) + 1)
size = 1
for extent in sizes:
    size *= extent
values += [-1] * (size - len(values))
header = "{'descr': '<i4', 'fortran_order': False, 'shape': (%s,), }" % ", ".join(map(str, sizes))
header += " " * (-(len(header) + 11) % 64) + "\n"
with open(path, "wb") as file:
    file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little"))
    file.write(header.encode())
    array.array("i", values).tofile(file)
