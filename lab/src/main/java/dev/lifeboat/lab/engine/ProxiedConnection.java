package dev.lifeboat.lab.engine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lifeboat.lab.engine.FaultyProxy.Trouble;
import dev.lifeboat.lab.engine.FaultyProxy.Trouble.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** One connection through a {@link FaultyProxy}: a thread for each direction. */
final class ProxiedConnection {

    private static final int BUFFER = 16 * 1024;
    private static final int LINE = 100;

    private final FaultyProxy proxy;
    private final Socket client;
    private final Socket server;
    private final AtomicLong answered = new AtomicLong();
    /** The first line of the request that is being sent or answered. */
    private volatile String requestLine = "";

    private volatile boolean requestBegins = true;

    ProxiedConnection(FaultyProxy proxy, Socket client, InetSocketAddress address) throws IOException {
        this.proxy = proxy;
        this.client = client;
        this.server = new Socket();
        try {
            server.connect(address, 2_000);
        } catch (IOException e) {
            client.close();
            throw e;
        }
    }

    void start() {
        run("requests", this::requests);
        run("answers", this::answers);
    }

    void forgetBytes() {
        answered.set(0);
    }

    /** Ends both sides at once; the client sees a reset. */
    void cut() {
        try {
            client.setSoLinger(true, 0);
        } catch (IOException e) {
            // Closed already.
        }
        close();
    }

    private void requests() throws IOException {
        InputStream from = client.getInputStream();
        OutputStream to = server.getOutputStream();
        byte[] buffer = new byte[BUFFER];
        for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
            if (requestBegins) {
                requestBegins = false;
                requestLine = firstLine(buffer, count);
                trip(Tripwire.Counts.REQUESTS, buffer, 1, OutputStream.nullOutputStream());
                Trouble trouble = proxy.trouble();
                if (trouble.kind() == Kind.ANSWER && trouble.requestLine().test(requestLine) && trouble.take()) {
                    proxy.made();
                    client.getOutputStream().write(trouble.page());
                    client.shutdownOutput();
                    // The rest of the request is read, since closing on unread bytes would reset the answer away.
                    from.transferTo(OutputStream.nullOutputStream());
                    return;
                }
            }
            int sent = trip(Tripwire.Counts.SENT, buffer, count, to);
            to.write(buffer, sent, count - sent);
        }
    }

    private void answers() throws IOException {
        InputStream from = server.getInputStream();
        OutputStream to = client.getOutputStream();
        byte[] buffer = new byte[BUFFER];
        for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
            // "100 Continue" comes in the middle of a request.
            requestBegins = !firstLine(buffer, Math.min(count, LINE)).startsWith("HTTP/1.1 100");
            LockSupport.parkNanos(proxy.latency().toNanos());
            Trouble trouble = proxy.trouble();
            boolean cuts = trouble.kind() == Kind.RESET || trouble.kind() == Kind.END;
            long room = trouble.afterBytes() - answered.get();
            if (cuts && room < count && trouble.requestLine().test(requestLine) && trouble.take()) {
                proxy.made();
                to.write(buffer, 0, (int) Math.max(0, room));
                if (trouble.kind() == Kind.RESET) {
                    cut();
                }
                return;
            }
            answered.addAndGet(count);
            int sent = trip(Tripwire.Counts.ANSWERED, buffer, count, to);
            to.write(buffer, sent, count - sent);
        }
    }

    /** @return how many of these bytes went on before the action was run; 0 when it was not its turn */
    private int trip(Tripwire.Counts what, byte[] bytes, int count, OutputStream to) throws IOException {
        Tripwire wire = proxy.tripwire();
        int room = wire == null ? -1 : wire.room(what, requestLine, count);
        if (wire == null || room < 0) {
            return 0;
        }
        to.write(bytes, 0, room);
        to.flush();
        wire.trip();
        return room;
    }

    private void run(String name, Direction direction) {
        Thread thread = new Thread(
                () -> {
                    try {
                        direction.pump();
                    } catch (IOException e) {
                        // One side is gone; so is the other, below.
                    } finally {
                        close();
                        proxy.ended(this);
                    }
                },
                "faulty-proxy-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void close() {
        for (Socket socket : new Socket[] {client, server}) {
            try {
                socket.close();
            } catch (IOException e) {
                // It is gone, which is what was wanted.
            }
        }
    }

    private static String firstLine(byte[] bytes, int count) {
        String text = new String(bytes, 0, count, ISO_8859_1);
        int end = text.indexOf('\r');
        return end < 0 ? text : text.substring(0, end);
    }

    @FunctionalInterface
    private interface Direction {
        void pump() throws IOException;
    }
}
