package dev.lifeboat.lab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The byte at which a test makes its trouble is the byte that was chosen. */
class FaultyProxyTest {

    private static final int MIB = 1 << 20;

    private final AtomicLong arrived = new AtomicLong();
    private final AtomicInteger requests = new AtomicInteger();
    private HttpServer server;
    private FaultyProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            byte[] buffer = new byte[8192];
            for (int n = exchange.getRequestBody().read(buffer);
                    n >= 0;
                    n = exchange.getRequestBody().read(buffer)) {
                arrived.addAndGet(n);
            }
            byte[] answer = new byte[exchange.getRequestMethod().equals("GET") ? MIB : 1];
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        proxy = FaultyProxy.before("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @AfterEach
    void end() {
        proxy.close();
        server.stop(0);
    }

    @Test
    void sentBytesAreCountedAlsoWhenTheServerSaidContinueInBetween() throws Exception {
        AtomicLong seen = new AtomicLong();
        proxy.onceSent(line -> line.startsWith("PUT /other"), 1, () -> seen.set(-1));
        CompletableFuture<Void> tripped =
                proxy.onceSent(line -> line.startsWith("PUT /some"), MIB / 2, () -> seen.set(arrived.get()));

        assertThat(put("/some").statusCode()).isEqualTo(200);

        assertThat(tripped).isCompleted();
        assertThat(seen.get()).isBetween(0L, MIB / 2L);
        assertThat(arrived.get()).isEqualTo(MIB);
    }

    @Test
    void anAnswerIsCutAtItsByteByAnActionThatRefuses() {
        CompletableFuture<Void> tripped = proxy.onceAnswered(line -> line.startsWith("GET "), MIB / 2, proxy::refuse);

        assertThatThrownBy(() -> get("/some")).isInstanceOf(IOException.class);
        assertThat(tripped).succeedsWithin(Duration.ofSeconds(10));
        assertThatThrownBy(() -> get("/some")).isInstanceOf(IOException.class);
    }

    @Test
    void theActionRunsOnceBeforeTheServerSeesTheRequestOfThatNumber() throws Exception {
        AtomicInteger before = new AtomicInteger();
        AtomicInteger times = new AtomicInteger();
        proxy.onRequest(line -> line.contains("/wal/"), 2, () -> {
            before.set(requests.get());
            times.incrementAndGet();
        });

        get("/wal/1");
        get("/other");
        get("/wal/2");
        get("/wal/3");

        assertThat(before.get()).isEqualTo(2);
        assertThat(times.get()).isEqualTo(1);
    }

    private HttpResponse<byte[]> put(String path) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(proxy.endpoint() + path))
                .expectContinue(true)
                .PUT(HttpRequest.BodyPublishers.ofByteArray(new byte[MIB])));
    }

    private HttpResponse<byte[]> get(String path) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(proxy.endpoint() + path)));
    }

    private static HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .send(request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofByteArray());
    }
}
