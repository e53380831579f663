package dev.lifeboat.lab.engine;

import dev.lifeboat.lab.engine.nio2blob.VersionedDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.jspecify.annotations.Nullable;

/** s3proxy within this process, with objects on disk and signatures checked. */
public final class S3ProxyEngine implements S3Engine {

    private static final long LARGEST_PUT = 8L * 1024 * 1024 * 1024;
    private static final int LARGEST_CHUNK = 64 * 1024 * 1024;

    private final Path folder;
    private final int port;
    private final String accessKey = "lab";
    private final String secretKey = UUID.randomUUID().toString();
    private @Nullable S3Proxy server;

    private S3ProxyEngine(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    public static S3ProxyEngine startIn(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        S3ProxyEngine engine = new S3ProxyEngine(folder, Ports.free());
        engine.start();
        return engine;
    }

    @Override
    public String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    @Override
    public String accessKey() {
        return accessKey;
    }

    @Override
    public String secretKey() {
        return secretKey;
    }

    @Override
    public Path folder() {
        return folder;
    }

    @Override
    public synchronized void start() {
        if (server != null) {
            return;
        }
        S3Proxy started = S3Proxy.builder()
                .blobStore(new VersionedDisk(folder))
                .endpoint(URI.create(endpoint()))
                .awsAuthentication(AuthenticationType.AWS_V4, accessKey, secretKey)
                .ignoreUnknownHeaders(true)
                .v4MaxNonChunkedRequestSize(LARGEST_PUT)
                .v4MaxChunkSize(LARGEST_CHUNK)
                .stopTimeout(0)
                .build();
        try {
            started.start();
        } catch (Exception e) {
            throw new IllegalStateException("s3proxy does not start at " + endpoint(), e);
        }
        server = started;
    }

    @Override
    public synchronized void stop() {
        if (server == null) {
            return;
        }
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("s3proxy at " + endpoint() + " does not stop", e);
        }
        server = null;
    }

    @Override
    public void close() {
        stop();
    }
}
