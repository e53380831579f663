package dev.lifeboat.activities.objectstore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lifeboat.activities.store.ObjectStore.Deletion;
import dev.lifeboat.activities.store.ObjectStore.Refusal;
import dev.lifeboat.config.LifeboatConfig.Bucket;
import dev.lifeboat.config.SecretRef;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What stores say to a list of objects that are to go, which the ones of the lab never say. */
class S3DeletionTest {

    private static final String LOCKED = "Access Denied because object protected by object lock.";

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile Answering answering = exchange -> {};
    private final HttpServer server = serve();
    private final S3ObjectStore store = store();

    @AfterEach
    void close() {
        server.stop(0);
        store.close();
    }

    @Test
    void whatARuleOfTheBucketKeepsIsToldKeyByKey() {
        answering = exchange -> say(
                exchange,
                200,
                "<DeleteResult>%s%s<Deleted><Key>p/c</Key><DeleteMarker>true</DeleteMarker></Deleted></DeleteResult>"
                        .formatted(error("p/a", "AccessDenied", LOCKED), error("p/b", "NoSuchKey", "gone")));

        Deletion done = store.deleteAll(List.of("a", "b", "c"));

        assertThat(done.refused()).containsExactly(new Refusal("a", "AccessDenied: " + LOCKED));
        assertThat(done.asVersions()).isEqualTo(1);
        assertThat(asked).singleElement().asString().startsWith("POST").contains("p/a", "p/b", "p/c");
    }

    @Test
    void aMissingPermissionIsAFailureWithASentenceOfItsOwn() {
        answering = exchange -> say(
                exchange,
                200,
                "<DeleteResult>%s</DeleteResult>".formatted(error("p/a", "AccessDenied", "Access Denied.")));

        assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(() -> store.deleteAll(List.of("a")))
                .withMessageContaining("cannot delete s3://backups/p/a")
                .withMessageContaining("these keys may not delete")
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(FailureCode.CREDENTIALS_REFUSED))
                .satisfies(failure -> assertThat(failure.hint()).contains("s3:DeleteObject"));
    }

    @Test
    void aStoreThatKnowsNoListsIsAskedOneByOne() {
        answering = exchange -> {
            if (exchange.getRequestMethod().equals("POST")) {
                say(exchange, 501, error("", "NotImplemented", "no lists here"));
            } else if (exchange.getRequestURI().getPath().endsWith("/b")) {
                say(exchange, 400, error("", "InvalidRequest", "Object is WORM protected and cannot be overwritten"));
            } else {
                exchange.getResponseHeaders().add("x-amz-delete-marker", "true");
                exchange.sendResponseHeaders(204, -1);
            }
        };

        Deletion done = store.deleteAll(List.of("a", "b", "c"));

        assertThat(done.refused()).extracting(Refusal::key).containsExactly("b");
        assertThat(done.asVersions()).isEqualTo(2);
        assertThat(asked.stream().filter(line -> line.startsWith("DELETE"))).hasSize(3);
    }

    private interface Answering {
        void to(HttpExchange exchange) throws IOException;
    }

    private HttpServer serve() {
        try {
            HttpServer made = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            made.createContext("/", exchange -> {
                String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
                asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body);
                answering.to(exchange);
                exchange.close();
            });
            made.start();
            return made;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void say(HttpExchange exchange, int status, String xml) throws IOException {
        byte[] bytes = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + xml).getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/xml");
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    private static String error(String key, String code, String message) {
        return "<Error><Key>%s</Key><Code>%s</Code><Message>%s</Message></Error>".formatted(key, code, message);
    }

    private S3ObjectStore store() {
        Bucket bucket = new Bucket(
                "backups",
                "p",
                "http://127.0.0.1:" + server.getAddress().getPort(),
                "us-east-1",
                new SecretRef("env:A", Path.of("/")),
                new SecretRef("env:S", Path.of("/")));
        return new S3ObjectStore(bucket, Map.of("A", "key", "S", "secret"));
    }
}
