package dev.lifeboat.lab.engine;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.temporal.internal.testservice.GRPCServerHelper;
import io.temporal.internal.testservice.TestServicesStarter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A Temporal that talks TLS only, to those whom it knows by certificate and by API key, as one in a cloud does. */
public final class GuardedTemporal implements AutoCloseable {

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final TestServicesStarter services = new TestServicesStarter(true, 0);
    private final Set<String> answered = ConcurrentHashMap.newKeySet();
    private final Path folder;
    private final Server server;

    /**
     * @param folder     gets {@code server.pem}, {@code client.pem} and {@code client-key.pem}, and those of a stranger
     * @param serverName for which the server's certificate is, and for nothing else
     */
    public GuardedTemporal(Path folder, String serverName, String apiKey) throws IOException, GeneralSecurityException {
        this.folder = folder;
        certificate("server", "-ext", "san=dns:" + serverName);
        certificate("client");
        certificate("stranger");
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), Ports.free()))
                .sslContext(GrpcSslContexts.forServer(file("server.pem"), file("server-key.pem"))
                        .trustManager(file("client.pem"))
                        .clientAuth(ClientAuth.REQUIRE)
                        .build())
                .intercept(guard("Bearer " + apiKey));
        GRPCServerHelper.registerServicesAndHealthChecks(services.getServices(), builder);
        server = builder.build().start();
    }

    public String address() {
        return "127.0.0.1:" + server.getPort();
    }

    /** Names of the calls that had certificate and key. */
    public Set<String> answered() {
        return answered;
    }

    private ServerInterceptor guard(String wanted) {
        return new ServerInterceptor() {
            @Override
            public <A, B> ServerCall.Listener<A> interceptCall(
                    ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
                if (!wanted.equals(headers.get(AUTHORIZATION))) {
                    call.close(Status.UNAUTHENTICATED.withDescription("this key opens nothing"), new Metadata());
                    return new ServerCall.Listener<>() {};
                }
                answered.add(String.valueOf(call.getMethodDescriptor().getBareMethodName()));
                return next.startCall(call, headers);
            }
        };
    }

    private void certificate(String name, String... more) throws IOException, GeneralSecurityException {
        String store = folder.resolve(name + ".p12").toString();
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-keystore",
                store,
                "-storepass",
                "changeit"));
        command.addAll(List.of(more));
        Programs.require(System.getProperty("user.name"), command, Map.of(), Duration.ofMinutes(2));
        KeyStore keys = KeyStore.getInstance(Path.of(store).toFile(), "changeit".toCharArray());
        pem(name + ".pem", "CERTIFICATE", keys.getCertificate(name).getEncoded());
        pem(
                name + "-key.pem",
                "PRIVATE KEY",
                keys.getKey(name, "changeit".toCharArray()).getEncoded());
    }

    private void pem(String name, String type, byte[] bytes) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        Files.writeString(
                folder.resolve(name), "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n");
    }

    private java.io.File file(String name) {
        return folder.resolve(name).toFile();
    }

    @Override
    public void close() {
        server.shutdownNow();
        services.close();
    }
}
