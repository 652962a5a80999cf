;;; dstack-eglot.el --- dstack-lsp for Eglot  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Registers dstack-lsp with Eglot and shows which release of dstack a file
;; is checked against.  Loaded by `dstack-mode' together with Eglot.

;;; Code:

(require 'eglot)
(require 'dstack-mode)

(defclass dstack-eglot-server (eglot-lsp-server) ()
  :documentation "The language server dstack-lsp.")

(cl-defmethod eglot-client-capabilities ((_server dstack-eglot-server))
  "What Eglot can do, and that it wants to know the release."
  (plist-put (cl-call-next-method) :experimental '(:dstackRelease t)))

(cl-defmethod eglot-initialization-options ((_server dstack-eglot-server))
  "The settings of the group `dstack'."
  `(:release ,dstack-release))

(cl-defmethod eglot-handle-notification
  ((_server dstack-eglot-server) (_method (eql dstack/release)) &key uri release source note &allow-other-keys)
  "Show the RELEASE that the document URI is checked against.
SOURCE and NOTE say why it is that one."
  ;; Emacs 29 has only its second name.
  (let ((to-path (if (fboundp 'eglot-uri-to-path) 'eglot-uri-to-path 'eglot--uri-to-path)))
    (dstack-show-release (funcall to-path uri) release source note)))

(defun dstack-eglot--managed ()
  "Forget the release of a file that is no longer managed."
  (unless (eglot-managed-p)
    (setq dstack-release-in-use nil)))

(add-hook 'eglot-managed-mode-hook #'dstack-eglot--managed)

(add-to-list 'eglot-server-programs
             `((dstack-mode :language-id "dstack")
               . ,(lambda (&rest _) (cons 'dstack-eglot-server dstack-server-command))))

(provide 'dstack-eglot)

;;; dstack-eglot.el ends here
