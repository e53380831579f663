package dev.lifeboat.lab.engine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a client and an HTTP server and makes trouble on request: at its own address, so that the server need
 * not know. One kind of trouble at a time; {@link #heal} ends it. Beside that it can run a test's own trouble at a chosen byte.
 */
public final class FaultyProxy implements AutoCloseable {

    private final InetSocketAddress server;
    private final int port;
    private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger troubles = new AtomicInteger();
    private volatile Trouble trouble = Trouble.none();
    private volatile Duration latency = Duration.ZERO;
    private volatile @Nullable Tripwire tripwire;
    private @Nullable ServerSocket listener;

    private FaultyProxy(InetSocketAddress server, int port) {
        this.server = server;
        this.port = port;
    }

    /** @param endpoint of the server, {@code http://host:port} */
    public static FaultyProxy before(String endpoint) {
        URI uri = URI.create(endpoint);
        FaultyProxy proxy = new FaultyProxy(new InetSocketAddress(uri.getHost(), uri.getPort()), Ports.free());
        proxy.listen();
        return proxy;
    }

    public String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    /** How often trouble was really made, so that a test can see that it tested something. */
    public int troubles() {
        return troubles.get();
    }

    /** No trouble any more, also after {@link #refuse}. */
    public void heal() {
        trouble = Trouble.none();
        latency = Duration.ZERO;
        listen();
    }

    /** Every piece of an answer comes this much later. */
    public void delay(Duration by) {
        latency = by;
    }

    /** The next {@code times} connections are reset after so many bytes of answers. */
    public void resetAfter(long bytes, int times) {
        arm(new Trouble(Trouble.Kind.RESET, line -> true, bytes, 0, new AtomicInteger(times)));
    }

    /** The next {@code times} connections are closed, politely and too early, after so many bytes of answers. */
    public void endAfter(long bytes, int times) {
        arm(new Trouble(Trouble.Kind.END, line -> true, bytes, 0, new AtomicInteger(times)));
    }

    /** The server does what such a request asks, but nobody hears of it. */
    public void loseAnswers(Predicate<String> requestLine, int times) {
        arm(new Trouble(Trouble.Kind.RESET, requestLine, 0, 0, new AtomicInteger(times)));
    }

    /** Such requests get this status with an empty page and never reach the server. */
    public void answer(int status, Predicate<String> requestLine, int times) {
        arm(new Trouble(Trouble.Kind.ANSWER, requestLine, 0, status, new AtomicInteger(times)));
    }

    /**
     * Runs the action once, when the requests of such lines have sent this many bytes, counted from now on.
     *
     * @return completed after the action
     */
    public CompletableFuture<Void> onceSent(Predicate<String> requestLine, long bytes, Runnable action) {
        return stretch(new Tripwire(Tripwire.Counts.SENT, requestLine, bytes, action));
    }

    /** The same for the bytes of answers to such requests. */
    public CompletableFuture<Void> onceAnswered(Predicate<String> requestLine, long bytes, Runnable action) {
        return stretch(new Tripwire(Tripwire.Counts.ANSWERED, requestLine, bytes, action));
    }

    /** The same when such a request begins for the {@code number}th time; the server has not seen it then. */
    public CompletableFuture<Void> onRequest(Predicate<String> requestLine, int number, Runnable action) {
        return stretch(new Tripwire(Tripwire.Counts.REQUESTS, requestLine, number, action));
    }

    private CompletableFuture<Void> stretch(Tripwire wire) {
        tripwire = wire;
        return wire.tripped();
    }

    /** Connections are cut and new ones refused until {@link #heal}. */
    public synchronized void refuse() {
        close();
    }

    @Override
    public synchronized void close() {
        ServerSocket open = listener;
        listener = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        connections.forEach(ProxiedConnection::cut);
    }

    private void arm(Trouble next) {
        connections.forEach(ProxiedConnection::forgetBytes);
        trouble = next;
    }

    private synchronized void listen() {
        if (listener != null) {
            return;
        }
        try {
            ServerSocket open = bound();
            listener = open;
            Thread thread = new Thread(() -> accept(open), "faulty-proxy-" + port);
            thread.setDaemon(true);
            thread.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The port is free only when the thread that waited there has seen that it was closed. */
    private ServerSocket bound() throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (true) {
            ServerSocket open = new ServerSocket();
            open.setReuseAddress(true);
            try {
                open.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return open;
            } catch (BindException e) {
                open.close();
                if (System.nanoTime() > end) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
    }

    private void accept(ServerSocket open) {
        while (!open.isClosed()) {
            try {
                Socket client = open.accept();
                ProxiedConnection connection = new ProxiedConnection(this, client, server);
                connections.add(connection);
                connection.start();
                if (open.isClosed()) {
                    // It came at the last moment, when those that were known had been cut already.
                    connection.cut();
                }
            } catch (IOException e) {
                // Closed, or the server behind is away: the client's connection is gone either way.
            }
        }
    }

    Trouble trouble() {
        return trouble;
    }

    @Nullable Tripwire tripwire() {
        return tripwire;
    }

    Duration latency() {
        return latency;
    }

    void made() {
        troubles.incrementAndGet();
    }

    void ended(ProxiedConnection connection) {
        connections.remove(connection);
    }

    /** @param left how often it is still to be made */
    record Trouble(Kind kind, Predicate<String> requestLine, long afterBytes, int status, AtomicInteger left) {

        enum Kind {
            NONE,
            RESET,
            END,
            ANSWER
        }

        static Trouble none() {
            return new Trouble(Kind.NONE, line -> false, 0, 0, new AtomicInteger());
        }

        /** Whether it is this connection's turn; each turn is taken once. */
        boolean take() {
            return left.getAndUpdate(number -> Math.max(0, number - 1)) > 0;
        }

        byte[] page() {
            return "HTTP/1.1 %d Trouble\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    .formatted(status)
                    .getBytes(ISO_8859_1);
        }
    }
}
