package dev.lifeboat.lab.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiPredicate;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpMessage;
import org.apache.hc.core5.http.impl.bootstrap.HttpRequester;
import org.apache.hc.core5.http.impl.bootstrap.HttpServer;
import org.apache.hc.core5.http.impl.bootstrap.RequesterBootstrap;
import org.apache.hc.core5.http.impl.bootstrap.ServerBootstrap;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.http.protocol.HttpProcessor;
import org.apache.hc.core5.http.protocol.HttpProcessorBuilder;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Stands before an S3 server and understands HTTP, so that chosen requests meet a chosen fault. What it does not spoil
 * passes unchanged, with the Host header of the client, which the signature covers. Bodies are held in memory.
 */
public final class FaultyStoreProxy implements AutoCloseable {

    private static final Duration LATE = Duration.ofSeconds(5);
    private static final int TRICKLE_BYTES = 1 << 20;
    private static final int PIECE = 64 << 10;
    private static final Timeout PATIENCE = Timeout.ofSeconds(30);
    private static final HttpProcessor AS_IT_IS = HttpProcessorBuilder.create().build();
    /** These belong to one connection and are made anew for the next. */
    private static final Set<String> HOP_BY_HOP = Set.of("connection", "keep-alive", "transfer-encoding");

    private final HttpHost behind;
    private final HttpServer server;
    private final HttpRequester requester;
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger made = new AtomicInteger();
    private volatile BiPredicate<String, String> concerned = (method, path) -> false;
    private volatile @Nullable Fault fault;
    private volatile AtomicInteger left = new AtomicInteger();

    private FaultyStoreProxy(HttpHost behind) throws IOException {
        this.behind = behind;
        this.requester = RequesterBootstrap.bootstrap()
                .setHttpProcessor(AS_IT_IS)
                .setConnectionReuseStrategy((request, response, context) -> false)
                .setDefaultMaxPerRoute(64)
                .setMaxTotal(64)
                .create();
        this.server = ServerBootstrap.bootstrap()
                .setLocalAddress(InetAddress.getLoopbackAddress())
                .setListenerPort(0)
                .setHttpProcessor(AS_IT_IS)
                .setRequestRouter((request, context) -> (incoming, outgoing, ignored) -> handle(incoming, outgoing))
                .create();
        server.start();
    }

    /** @param endpoint of the server, {@code http://host:port} */
    public static FaultyStoreProxy before(String endpoint) {
        URI uri = URI.create(endpoint);
        try {
            return new FaultyStoreProxy(new HttpHost("http", uri.getHost(), uri.getPort()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String endpoint() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /**
     * The next {@code times} requests of this kind meet this fault.
     *
     * @param which of method and decoded path with its query
     */
    public void spoil(Fault next, BiPredicate<String, String> which, int times) {
        asked.set(0);
        made.set(0);
        concerned = which;
        left = new AtomicInteger(times);
        fault = next;
    }

    public void heal() {
        fault = null;
    }

    /** Requests of the chosen kind since the last {@link #spoil}. */
    public int asked() {
        return asked.get();
    }

    /** How many of them met the fault, so that a test can see that it tested something. */
    public int made() {
        return made.get();
    }

    @Override
    public void close() {
        server.close(CloseMode.IMMEDIATE);
        requester.close(CloseMode.IMMEDIATE);
    }

    private void handle(ClassicHttpRequest request, ClassicHttpResponse answer) throws HttpException, IOException {
        Fault now = turn(request);
        byte[] body = request.getEntity() == null
                ? new byte[0]
                : read(request.getEntity().getContent(), now == Fault.TRICKLE);
        if (now != null && now.status() != 0) {
            refuse(now, request, answer);
            return;
        }
        if (now == Fault.LATE) {
            LockSupport.parkNanos(LATE.toNanos());
        }
        BasicClassicHttpRequest onward = new BasicClassicHttpRequest(request.getMethod(), request.getPath());
        copyHeaders(request, onward);
        boolean sends = body.length > 0;
        if (request.getEntity() != null) {
            // What trickles does so between the client and here; the client must not see a store that is silent
            // instead.
            Fault onWay = sends && now != Fault.TRICKLE ? now : null;
            onward.setEntity(new Body(onWay == Fault.GARBLED ? garbled(body) : body, onWay));
        }
        try (ClassicHttpResponse said = requester.execute(behind, onward, PATIENCE, HttpCoreContext.create())) {
            byte[] content = said.getEntity() == null ? new byte[0] : EntityUtils.toByteArray(said.getEntity());
            answer.setCode(said.getCode());
            copyHeaders(said, answer);
            if (said.getEntity() == null) {
                if (!sends && now == Fault.CUT) {
                    throw new IOException("the answer is cut");
                }
                return;
            }
            boolean spoils = !sends && now != null;
            answer.removeHeaders("Content-Length");
            answer.setHeader("Content-Length", content.length);
            answer.setEntity(
                    new Body(spoils && now == Fault.GARBLED ? garbled(content) : content, spoils ? now : null));
        }
    }

    private static byte[] read(InputStream from, boolean slowly) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        byte[] piece = new byte[PIECE];
        for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
            read.write(piece, 0, count);
            if (slowly) {
                trickle(count);
            }
        }
        return read.toByteArray();
    }

    private static void trickle(int bytes) {
        LockSupport.parkNanos(1_000_000_000L * bytes / TRICKLE_BYTES);
    }

    private @Nullable Fault turn(ClassicHttpRequest request) {
        String path = URLDecoder.decode(request.getPath(), UTF_8);
        if (!concerned.test(request.getMethod(), path)) {
            return null;
        }
        asked.incrementAndGet();
        Fault now = fault;
        if (now == null || left.getAndUpdate(number -> Math.max(0, number - 1)) == 0) {
            return null;
        }
        made.incrementAndGet();
        return now;
    }

    private static void refuse(Fault fault, ClassicHttpRequest request, ClassicHttpResponse answer) {
        byte[] text =
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <Error><Code>%s</Code><Message>by order of the test</Message></Error>"""
                        .formatted(fault.code())
                        .getBytes(UTF_8);
        answer.setCode(fault.status());
        answer.setHeader("Content-Type", "application/xml");
        answer.setHeader("Content-Length", text.length);
        if (!request.getMethod().equals("HEAD")) {
            answer.setEntity(new Body(text, null));
        }
    }

    private static void copyHeaders(HttpMessage from, HttpMessage to) {
        for (Iterator<Header> headers = from.headerIterator(); headers.hasNext(); ) {
            Header header = headers.next();
            if (!HOP_BY_HOP.contains(header.getName().toLowerCase(Locale.ROOT))) {
                to.addHeader(header.getName(), header.getValue());
            }
        }
        if (from instanceof ClassicHttpRequest request && !to.containsHeader("Host")) {
            to.setHeader("Host", String.valueOf(request.getAuthority()));
        }
    }

    /** Sixteen bytes in the middle become others: of XML no XML, of anything else something else. */
    private static byte[] garbled(byte[] bytes) {
        byte[] other = bytes.clone();
        int middle = other.length / 2;
        for (int i = middle; i < Math.min(other.length, middle + 16); i++) {
            other[i] ^= (byte) 0x80;
        }
        return other;
    }

    /** Bytes that come as the fault has it. */
    private static final class Body extends AbstractHttpEntity {
        private final byte[] bytes;
        private final @Nullable Fault fault;

        Body(byte[] bytes, @Nullable Fault fault) {
            super((ContentType) null, null, false);
            this.bytes = bytes;
            this.fault = fault;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            if (fault == Fault.CUT) {
                out.write(bytes, 0, bytes.length / 2);
                out.flush();
                throw new IOException("the body is cut");
            }
            for (int at = 0; at < bytes.length; at += PIECE) {
                int count = Math.min(PIECE, bytes.length - at);
                if (fault == Fault.TRICKLE) {
                    trickle(count);
                }
                out.write(bytes, at, count);
            }
        }

        @Override
        public InputStream getContent() {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public boolean isStreaming() {
            return false;
        }

        @Override
        public boolean isRepeatable() {
            return false;
        }

        @Override
        public long getContentLength() {
            return bytes.length;
        }

        @Override
        public void close() {}
    }
}
