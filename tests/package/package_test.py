"""Installs postfach into a temporary prefix, builds the hello of the README against it with CMake and with pkg-config,
and logs in to what came out."""
import imaplib
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time

cmake, source, build, compiler, flags = sys.argv[1:]


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=500, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stdout}")
    return done.stdout


def read(*path):
    with open(os.path.join(source, *path)) as file:
        return file.read()


def words(text):
    return " ".join(text.split())


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def login(program, directory, port):
    server = subprocess.Popen([program], cwd=directory)
    try:
        context = ssl.create_default_context(cafile=os.path.join(directory, "cert.pem"))
        context.check_hostname = False
        for _ in range(300):
            try:
                client = imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=context, timeout=60)
                break
            except ConnectionRefusedError:
                if server.poll() is not None:
                    sys.exit(f"{program} ended with {server.returncode}")
                time.sleep(0.1)
        client.login("alice@example.org", "secret")
        assert client.append("INBOX", None, None, b"Subject: x\r\n\r\n")[0] == "OK"
        assert client.select("INBOX")[0] == "OK"
        client.logout()
    finally:
        server.kill()
        server.wait()


directory = tempfile.mkdtemp(prefix="postfach-package-")
try:
    prefix = os.path.join(directory, "prefix")
    run(cmake, "--install", build, "--prefix", prefix)

    # The README shows what examples/hello_imap.cc does.
    hello = read("examples", "hello_imap.cc")
    shown = re.search(r"```cpp\n(.*?)```", read("README.md"), re.S).group(1)
    shown_body = shown[shown.index("int main"):]
    assert words(shown_body) == words(hello[hello.index("int main"):]), "README.md and hello_imap.cc differ"

    port = free_port()
    consumer = os.path.join(directory, "consumer")
    os.mkdir(consumer)
    shutil.copy(os.path.join(source, "tests", "package", "consumer.cmake"), os.path.join(consumer, "CMakeLists.txt"))
    assert "127.0.0.1:1993" in shown
    with open(os.path.join(consumer, "hello.cc"), "w") as file:
        file.write(shown.replace("127.0.0.1:1993", f"127.0.0.1:{port}"))
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
        "/CN=localhost", "-days", "2", "-keyout", "key.pem", "-out", "cert.pem", cwd=consumer)

    out = os.path.join(consumer, "build")
    run(cmake, "-S", consumer, "-B", out, f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={compiler}",
        f"-DCMAKE_CXX_FLAGS={flags}")
    run(cmake, "--build", out)
    login(os.path.join(out, "hello"), consumer, port)

    # pkg-config, and a prefix that was moved after it was installed.
    libraries = next(root for root, _, files in os.walk(prefix) if "postfach-imap.pc" in files)
    environment = dict(os.environ, PKG_CONFIG_PATH=libraries)
    options = run("pkg-config", f"--define-variable=prefix={prefix}", "--cflags", "--libs", "postfach-imap",
                  env=environment).split()
    program = os.path.join(consumer, "hello-pkg-config")
    run(compiler, "-std=c++20", *flags.split(), os.path.join(consumer, "hello.cc"), *options, "-o", program)
    login(program, consumer, port)
finally:
    shutil.rmtree(directory)
